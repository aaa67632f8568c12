/**
 * A walker, which is a chain or a replica of a tempered one: its audited state, and what it gives at a sweep boundary: a
 * draw, a warm-up draw or a checkpoint.
 */
import { noCounts, sumOfCounts, type MoveCounts } from '../../sampler/moves.js';
import {
  betaQOfSweep,
  drawOfSweep,
  totalSweeps,
  warmupDrawOfSweep,
  warmupSweeps,
  type RunPlan,
} from '../../sampler/run-plan.js';
import type { StartState } from './config.js';
import { assert } from './faults.js';
import type { AuditedState } from './messages.js';

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

/** What a replica knows of the tempered chain that it belongs to, see TemperedChain. */
export interface ReplicaGroup {
  /** Sweeps done at the next meeting: replicas walk up to there, and wait for each other. */
  readonly meeting: number;
  /** A replica enters. @returns its number */
  enter(replica: Chain): number;
  betaQ(replica: number, sweep: number): number;
  /** A replica's boundary has moved on. @returns what the chain gives where that was the last to reach the meeting */
  arrive(): AuditedState[];
}

export class Chain {
  #boundary: Boundary;

  readonly #tempered: ReplicaGroup | undefined;
  readonly #replica: number;

  /** @param tempered what it is a replica of, where it is one */
  constructor(
    readonly number: number,
    /** Its draws may grow. */
    public plan: RunPlan,
    start: StartState,
    tempered?: ReplicaGroup,
  ) {
    this.#tempered = tempered;
    this.#replica = tempered?.enter(this) ?? 0;
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

  /** Waits for the other replicas of its chain. */
  get isHeld(): boolean {
    return this.#tempered !== undefined && this.#boundary.sweep === this.#tempered.meeting;
  }

  /** Sweeps done at the end of the stretch that it can walk by itself. */
  get limit(): number {
    if (this.#tempered) return this.#tempered.meeting;
    return this.isWarm ? totalSweeps(this.plan) : warmupSweeps(this.plan);
  }

  /** Inverse temperature of a sweep, up to `limit`, in 1 / 65,536. */
  betaQ(sweep: number): number {
    return this.#tempered?.betaQ(this.#replica, sweep) ?? betaQOfSweep(this.plan, sweep);
  }

  /** The moves of the boundary have been taken into account. */
  forgetCounts(): void {
    this.#boundary = { ...this.#boundary, counts: noCounts() };
  }

  /** Whether the state after this sweep must be audited: it gives a draw, or the counts of draws begin there. */
  mustRestAfter(sweep: number): boolean {
    if (this.#tempered) return sweep + 1 === this.#tempered.meeting;
    const { plan } = this;
    return (
      sweep + 1 === warmupSweeps(plan) || drawOfSweep(plan, sweep) >= 0 || warmupDrawOfSweep(plan, sweep) >= 0
    );
  }

  /** Moves the boundary on; what must rest must not be passed over. @returns what the chain gives there */
  advance(stretch: Stretch): AuditedState[] {
    const { sweep, w, logLikQ } = stretch;
    assert(sweep > this.#boundary.sweep, 'a boundary did not move on');
    for (let s = this.#boundary.sweep; s < sweep - 1; s++) {
      assert(!this.mustRestAfter(s), `chain ${this.number} passed over sweep ${s}`);
    }
    const counts = sumOfCounts(this.#boundary.counts, stretch.counts);
    if (this.#tempered) {
      this.#boundary = { sweep, w, logLikQ, counts };
      return this.#tempered.arrive();
    }
    const draw = drawOfSweep(this.plan, sweep - 1);
    const warmupDraw = warmupDrawOfSweep(this.plan, sweep - 1);
    const countsBegin = draw >= 0 || warmupDraw >= 0 || !isCounted(this.plan, sweep);
    this.#boundary = { sweep, w, logLikQ, counts: countsBegin ? noCounts() : counts };
    const chain = this.number;
    const state = { chain, sweep: sweep - 1, w, logLikQ, counts };
    if (draw >= 0) return [{ type: 'draw', draw, ...state }];
    if (warmupDraw >= 0) return [{ type: 'warmupDraw', draw: warmupDraw, ...state }];
    return [{ type: 'checkpoint', chain, sweep, w, logLikQ, counts: this.#boundary.counts }];
  }
}

/** Whether the moves before a boundary are part of a draw that comes after it. */
export function isCounted(plan: RunPlan, sweep: number): boolean {
  const warmup = warmupSweeps(plan);
  return sweep > warmup || (sweep < warmup && plan.saveWarmup === true);
}
