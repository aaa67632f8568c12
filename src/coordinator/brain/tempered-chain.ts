/** The replicas of a tempered chain: each is walked like a chain; they wait for each other where they meet. */
import { noCounts, sumOfCounts, type MoveCounts } from '../../sampler/moves.js';
import { drawOfSweep, warmupDrawOfSweep } from '../../sampler/run-plan.js';
import type { ReplicaStates } from '../../sampler/tempering/codec.js';
import { ReplicaExchange } from '../../sampler/tempering/replica-exchange.js';
import { nextMeeting, type TemperedPlan } from '../../sampler/tempering/tempering.js';
import { type Chain, isCounted, type ReplicaGroup } from './chain.js';
import type { TemperedStart } from './config.js';
import { assert } from './faults.js';
import type { AuditedState } from './messages.js';

export class TemperedChain implements ReplicaGroup {
  #plan: TemperedPlan;
  readonly #number: number;
  readonly #exchange: ReplicaExchange;
  readonly #members: Chain[] = [];
  /** Moves at beta 1 since the last draw or the start of sampling. */
  #counts: MoveCounts;
  /** Sweeps done at the last meeting, and at the next. */
  #met: number;
  #meeting: number;

  /** @param done sweeps done by each replica */
  constructor(number: number, plan: TemperedPlan, seed: number, done: number, start?: TemperedStart) {
    this.#plan = plan;
    this.#number = number;
    this.#exchange = new ReplicaExchange(plan, seed, number, start?.exchange);
    this.#counts = start?.counts ?? noCounts();
    this.#met = done;
    this.#meeting = nextMeeting(plan, done);
  }

  /** More draws are wanted. */
  extend(draws: number): void {
    this.#plan = { ...this.#plan, draws };
    this.#meeting = nextMeeting(this.#plan, this.#met);
  }

  /** Sweeps done at the next meeting: replicas walk up to there. */
  get meeting(): number {
    return this.#meeting;
  }

  /** The replica at beta 1. */
  get cold(): Chain {
    return this.#members[this.#exchange.cold]!;
  }

  get members(): readonly Chain[] {
    return this.#members;
  }

  /** Replicas enter in the order of their numbers. @returns the replica's number */
  enter(member: Chain): number {
    return this.#members.push(member) - 1;
  }

  betaQ(replica: number, sweep: number): number {
    return this.#exchange.betaQ(replica, sweep);
  }

  /** A replica has reached the meeting; the last one of them opens it. */
  arrive(): AuditedState[] {
    const done = this.#meeting;
    if (this.#members.some(({ boundary }) => boundary.sweep < done)) return [];
    this.#counts = sumOfCounts(this.#counts, this.cold.boundary.counts);
    for (const member of this.#members) member.forgetCounts();
    const logLikQ = this.#members.map(({ boundary }) => {
      assert(boundary.logLikQ !== undefined, 'a replica met the others without a log-likelihood');
      return boundary.logLikQ;
    });
    this.#exchange.meet(done, logLikQ);
    this.#met = done;
    this.#meeting = nextMeeting(this.#plan, done);
    return this.#outcome(done, logLikQ);
  }

  #outcome(done: number, logLikQ: readonly number[]): AuditedState[] {
    const chain = this.#number;
    const { cold } = this.#exchange;
    const state = { chain, w: this.cold.boundary.w, logLikQ: logLikQ[cold]! };
    const draw = drawOfSweep(this.#plan, done - 1);
    const warmupDraw = warmupDrawOfSweep(this.#plan, done - 1);
    const given: AuditedState[] = [];
    if (draw >= 0 || warmupDraw >= 0) {
      const ladder = this.#exchange.takeDraw(logLikQ);
      const kept = { sweep: done - 1, counts: this.#counts, ladder, ...state };
      given.push(
        draw >= 0 ? { type: 'draw', draw, ...kept } : { type: 'warmupDraw', draw: warmupDraw, ...kept },
      );
    }
    if (given.length > 0 || !isCounted(this.#plan, done)) this.#counts = noCounts();
    const replicas: ReplicaStates = {
      w: this.#members.map(({ boundary }) => boundary.w),
      logLikQ: Float64Array.from(logLikQ),
      exchange: this.#exchange.state,
    };
    given.push({ type: 'checkpoint', sweep: done, counts: this.#counts, replicas, ...state });
    return given;
  }
}
