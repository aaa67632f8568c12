/** A chain's audited state, and what it gives at a sweep boundary: a draw, a warm-up draw or a checkpoint. */
import { noCounts, sumOfCounts, type MoveCounts } from '../../sampler/moves.js';
import {
  drawOfSweep,
  totalSweeps,
  warmupDrawOfSweep,
  warmupSweeps,
  type RunPlan,
} from '../../sampler/run-plan.js';
import type { StartState } from './config.js';
import { assert } from './faults.js';
import type { Checkpoint, DrawCommand, WarmupDrawCommand } from './messages.js';

/** State of a chain at a sweep boundary, as an audit found it right. */
export interface Boundary {
  /** Sweeps done. */
  readonly sweep: number;
  readonly w: Uint8Array;
  /** Unknown only for a start that no audit has covered yet. */
  readonly logLikQ: number | undefined;
  /** Moves since the last draw, kept warm-up draws included, or the start of sampling. */
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
    const { plan } = this;
    return (
      sweep + 1 === warmupSweeps(plan) || drawOfSweep(plan, sweep) >= 0 || warmupDrawOfSweep(plan, sweep) >= 0
    );
  }

  /** Moves the boundary on. Draws must not be passed over. */
  advance(stretch: Stretch): DrawCommand | WarmupDrawCommand | Checkpoint {
    const { sweep, w, logLikQ } = stretch;
    assert(sweep > this.#boundary.sweep, 'a boundary did not move on');
    for (let s = this.#boundary.sweep; s < sweep - 1; s++) {
      assert(!this.mustRestAfter(s), `chain ${this.number} passed over sweep ${s}`);
    }
    const counts = sumOfCounts(this.#boundary.counts, stretch.counts);
    const draw = drawOfSweep(this.plan, sweep - 1);
    const warmupDraw = warmupDrawOfSweep(this.plan, sweep - 1);
    const countsBegin = draw >= 0 || warmupDraw >= 0 || !this.#isCounted(sweep);
    this.#boundary = { sweep, w, logLikQ, counts: countsBegin ? noCounts() : counts };
    const chain = this.number;
    const state = { chain, sweep: sweep - 1, w, logLikQ, counts };
    if (draw >= 0) return { type: 'draw', draw, ...state };
    if (warmupDraw >= 0) return { type: 'warmupDraw', draw: warmupDraw, ...state };
    return { type: 'checkpoint', chain, sweep, w, logLikQ, counts: this.#boundary.counts };
  }

  /** Whether the moves before this boundary are part of a draw that comes after it. */
  #isCounted(sweep: number): boolean {
    const warmup = warmupSweeps(this.plan);
    return sweep > warmup || (sweep < warmup && this.plan.saveWarmup === true);
  }
}
