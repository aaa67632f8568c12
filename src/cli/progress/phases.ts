/** How long each phase took and how many sweeps it had, from snapshots taken now and then. */
import type { RunPhase, RunStatus } from '../../coordinator/status.js';

export interface PhaseTotals {
  readonly phase: RunPhase;
  readonly seconds: number;
  /** Of all chains together. */
  readonly sweeps: number;
}

export class PhaseClock {
  #last: Pick<RunStatus, 'elapsedSeconds' | 'sweepsDone'> = { elapsedSeconds: 0, sweepsDone: 0 };
  #phase: RunPhase = 'waiting';
  readonly #totals = new Map<RunPhase, { seconds: number; sweeps: number }>();

  /** What passed since the last snapshot belongs to the phase that this one is in, or, at the end, to the last one. */
  note(status: Pick<RunStatus, 'elapsedSeconds' | 'sweepsDone' | 'phase'>): void {
    const isOver = status.phase === 'finished' || status.phase === 'stopped';
    if (!isOver) this.#phase = status.phase;
    const totals = this.#totals.get(this.#phase) ?? { seconds: 0, sweeps: 0 };
    totals.seconds += status.elapsedSeconds - this.#last.elapsedSeconds;
    totals.sweeps += status.sweepsDone - this.#last.sweepsDone;
    this.#totals.set(this.#phase, totals);
    this.#last = status;
  }

  /** Phases in which sweeps were done, in their order. */
  get totals(): PhaseTotals[] {
    return [...this.#totals]
      .map(([phase, totals]) => ({ phase, ...totals }))
      .filter(({ sweeps }) => sweeps > 0);
  }
}
