/** A tempered chain of the serial sampler: its exchanges, and the states of its replicas. */
import type { MoveCounts } from '../moves.js';
import type { WalkerState } from '../serial-walkers.js';
import { ReplicaExchange, type LadderDraw } from './replica-exchange.js';
import type { TemperedPlan } from './tempering.js';

export class SerialLadder {
  readonly #exchange: ReplicaExchange;
  #states: readonly WalkerState[] = [];

  constructor(plan: TemperedPlan, seed: number, chain: number) {
    this.#exchange = new ReplicaExchange(plan, seed, chain);
  }

  betaQ(replica: number, sweep: number): number {
    return this.#exchange.betaQ(replica, sweep);
  }

  /**
   * @param states of its replicas after `done` sweeps
   * @returns moves that were made at beta 1
   */
  meet(done: number, states: readonly WalkerState[]): MoveCounts {
    const { counts } = states[this.#exchange.cold]!;
    this.#states = states;
    this.#exchange.meet(done, this.#logLikQ);
    return counts;
  }

  /** The chain's state: that of the replica at beta 1. */
  get state(): WalkerState {
    return this.#states[this.#exchange.cold]!;
  }

  takeDraw(): LadderDraw {
    return this.#exchange.takeDraw(this.#logLikQ);
  }

  get #logLikQ(): number[] {
    return this.#states.map(({ logLikQ }) => logLikQ);
  }
}
