/** What a worker's threads have done since it began. */
import type { WalkJob } from '../kernel/kernel.js';
import type { Effort, Task } from './tasks.js';

export interface ThreadTotals {
  tasks: number;
  seconds: number;
  /** Whole sweeps of chains that this worker walks alone. */
  sweeps: number;
  /** Positions of sweeps walked in windows, walks that were undone included. */
  sites: number;
}

/** Totals by thread number, 0 and up. */
export class EffortLog {
  readonly #byThread = new Map<number, ThreadTotals>();

  /** Threads in the order of their first task. */
  get threads(): ThreadTotals[] {
    return [...this.#byThread.values()];
  }

  add(task: Task, { thread, seconds }: Effort): void {
    const totals = this.#byThread.get(thread) ?? { tasks: 0, seconds: 0, sweeps: 0, sites: 0 };
    this.#byThread.set(thread, totals);
    totals.tasks++;
    totals.seconds += seconds;
    if (task.type !== 'walk') return;
    for (const job of task.jobs) addJob(totals, job);
  }
}

function addJob(totals: ThreadTotals, job: WalkJob): void {
  if (job.kind === 'solo') totals.sweeps += job.betasQ.length;
  else totals.sites += job.to - job.from;
}
