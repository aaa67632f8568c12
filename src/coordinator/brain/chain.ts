/** A chain's audited state, and what it gives at a sweep boundary: a draw or a checkpoint. */
import { noCounts, sumOfCounts, type MoveCounts } from '../../sampler/moves.js';
import { drawOfSweep, totalSweeps, warmupSweeps, type RunPlan } from '../../sampler/run-plan.js';
import type { StartState } from './config.js';
import { assert } from './faults.js';
import type { Checkpoint, DrawCommand } from './messages.js';

/** State of a chain at a sweep boundary, as an audit found it right. */
export interface Boundary {
  /** Sweeps done. */
  readonly sweep: number;
  readonly w: Uint8Array;
  /** Unknown only for a start that no audit has covered yet. */
  readonly logLikQ: number | undefined;
  /** Moves since the last draw or the start of sampling. */
  readonly counts: MoveCounts;
}

/** What a stretch of sweeps that ends in an audited state has brought. */
export interface Stretch {
  /** Sweeps done at its end. */
  readonly sweep: number;
  /** Not changed by anyone afterwards. */
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves of the stretch. */
  readonly counts: MoveCounts;
}

export class Chain {
  #boundary: Boundary;

  constructor(
    readonly number: number,
    readonly plan: RunPlan,
    start: StartState,
  ) {
    const { sweep, w, logLikQ, counts } = start;
    this.#boundary = { sweep, w, logLikQ, counts: counts ?? noCounts() };
  }

  get boundary(): Boundary {
    return this.#boundary;
  }

  get isDone(): boolean {
    return this.#boundary.sweep === totalSweeps(this.plan);
  }

  get isWarm(): boolean {
    return this.#boundary.sweep >= warmupSweeps(this.plan);
  }

  /** Whether the state after this sweep must be audited: it gives a draw, or the counts of draws begin there. */
  mustRestAfter(sweep: number): boolean {
    return sweep + 1 === warmupSweeps(this.plan) || drawOfSweep(this.plan, sweep) >= 0;
  }

  /** Moves the boundary on. Draws must not be passed over. */
  advance(stretch: Stretch): DrawCommand | Checkpoint {
    const { sweep, w, logLikQ } = stretch;
    assert(sweep > this.#boundary.sweep, 'a boundary did not move on');
    for (let s = this.#boundary.sweep; s < sweep - 1; s++) {
      assert(!this.mustRestAfter(s), `chain ${this.number} passed over sweep ${s}`);
    }
    const counts = sumOfCounts(this.#boundary.counts, stretch.counts);
    const draw = drawOfSweep(this.plan, sweep - 1);
    const drawsBegin = draw >= 0 || sweep <= warmupSweeps(this.plan);
    this.#boundary = { sweep, w, logLikQ, counts: drawsBegin ? noCounts() : counts };
    const chain = this.number;
    if (draw >= 0) return { type: 'draw', chain, draw, sweep: sweep - 1, w, logLikQ, counts };
    return { type: 'checkpoint', chain, sweep, w, logLikQ, counts: this.#boundary.counts };
  }
}
