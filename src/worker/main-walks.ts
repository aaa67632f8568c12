/**
 * Windows that the main thread of a worker with one thread walks itself: to hand a round to the other thread and to take
 * its results back would cost up to half of what a short one takes. One round at each turn of the event loop, so that its
 * answer is on its way while the next one is walked. Rounds that take long go to the other thread: this one has to answer
 * the coordinator.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FlipKernel, WalkResult } from '../kernel/kernel.js';
import { carryOut } from './carry-out.js';
import type { Done, Effort, WalkTask } from './tasks.js';

/** What a round may take here. Heartbeats have seconds. */
const LONGEST_SECONDS = 0.05;
/** Weight of the last round in the running mean. */
const FRESHNESS = 0.1;

/** Positions of the windows; undefined where some job is none. */
function positionsOf({ jobs }: WalkTask): number | undefined {
  let positions = 0;
  for (const job of jobs) {
    if (job.kind !== 'window') return undefined;
    positions += job.to - job.from;
  }
  return positions;
}

export class MainWalks {
  #kernel: FlipKernel | undefined;
  readonly #open: () => FlipKernel;
  /** Of a position, running mean; unknown before the first round. */
  #secondsEach: number | undefined;
  /** Resolves when the rounds given so far have had their turns. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param open makes this thread's kernel */
  constructor(open: () => FlipKernel) {
    this.#open = open;
  }

  /** Whether a task should be walked here. The first round is walked elsewhere: nobody knows how long it takes. */
  takes(task: WalkTask): boolean {
    const positions = positionsOf(task);
    if (positions === undefined || this.#secondsEach === undefined) return false;
    return positions * this.#secondsEach < LONGEST_SECONDS;
  }

  /** A round has been walked, here or elsewhere. */
  learn(task: WalkTask, { seconds }: Effort): void {
    const positions = positionsOf(task);
    if (!positions) return;
    const each = seconds / positions;
    this.#secondsEach ??= each;
    this.#secondsEach += FRESHNESS * (each - this.#secondsEach);
  }

  /** @param thread whom it is counted for */
  async walk(task: WalkTask, thread: number): Promise<Done<WalkResult[]>> {
    this.#turn = this.#turn.then(() => nextTurn());
    await this.#turn;
    this.#kernel ??= this.#open();
    return carryOut(this.#kernel, task, thread);
  }
}
