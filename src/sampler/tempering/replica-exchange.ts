/**
 * The exchanges of one tempered chain: which replica is at which rung, when they change places, how the ladder is tuned.
 * Non-reversible parallel tempering with deterministic even-odd pairs (Syed, Bouchard-Côté, Deligiannidis, Doucet 2022).
 *
 * A decision is made of integer log-likelihoods, integer inverse temperatures and the random stream, so that it is the
 * same wherever the replicas were walked. States stay where they are; inverse temperatures change hands.
 */
import { NAT_Q } from '../../posterior/grid.js';
import { Domain, uniform53 } from '../../posterior/stream.js';
import { BETA_ONE_Q } from '../../posterior/threshold.js';
import { betaQOfSweep, warmupSweeps } from '../run-plan.js';
import { expOfNegative } from './exp.js';
import { firstLadder, tunedLadder } from './ladder.js';
import { exchangeAfter, tuningExchanges, type TemperedPlan } from './tempering.js';

/** A tempered chain's ladder at one of its draws. */
export interface LadderDraw {
  /** Inverse temperature of each rung in 1 / 65,536, length R. */
  readonly betasQ: Int32Array;
  /** Replica at each rung, length R. */
  readonly replicas: Int32Array;
  /** Log-likelihood of the replica at each rung, on the grid, length R. */
  readonly logLikQ: Float64Array;
  /** Mean rejection probability of each pair of rungs since the previous draw, NaN where none was tried, length R - 1. */
  readonly rejection: Float64Array;
  /** Replicas that came from the lowest rung to the highest, since the first draw began. */
  readonly restarts: number;
  /** Replicas that came from the lowest rung to the highest and back, since the first draw began. */
  readonly roundTrips: number;
}

/** Where a replica was last, where not 0 for at neither end: at the lowest rung, or at the highest after that. */
const FROM_BOTTOM = 1;
const FROM_TOP = 2;

/** Length of `ReplicaExchange.state` for R replicas. */
export function stateLength(replicas: number): number {
  return 2 + 3 * replicas + 4 * (replicas - 1);
}

export class ReplicaExchange {
  readonly #plan: TemperedPlan;
  readonly #seed: number;
  readonly #chain: number;
  readonly #tunings: ReadonlySet<number>;
  #betasQ: Int32Array;
  /** Replica at each rung, and rung of each replica. */
  readonly #replicaAt: Int32Array;
  readonly #rungOf: Int32Array;
  /** By pair: exchanges tried and summed rejection probabilities since the ladder was tuned, and since the last draw. */
  readonly #tried: Float64Array;
  readonly #rejected: Float64Array;
  readonly #triedSinceDraw: Float64Array;
  readonly #rejectedSinceDraw: Float64Array;
  readonly #visited: Uint8Array;
  #restarts = 0;
  #roundTrips = 0;

  /** @param state what `state` gave, to go on from there */
  constructor(plan: TemperedPlan, seed: number, chain: number, state?: Float64Array) {
    const { replicas, betaMinQ } = plan.tempering;
    this.#plan = plan;
    this.#seed = seed;
    this.#chain = chain;
    this.#tunings = new Set(tuningExchanges(plan));
    this.#betasQ = firstLadder(replicas, betaMinQ);
    this.#replicaAt = Int32Array.from({ length: replicas }, (_, rung) => rung);
    this.#rungOf = this.#replicaAt.slice();
    this.#tried = new Float64Array(replicas - 1);
    this.#rejected = new Float64Array(replicas - 1);
    this.#triedSinceDraw = new Float64Array(replicas - 1);
    this.#rejectedSinceDraw = new Float64Array(replicas - 1);
    this.#visited = new Uint8Array(replicas);
    if (state) this.#restore(state);
    else this.#visited[this.#replicaAt[0]!] = FROM_BOTTOM;
  }

  /** The replica whose state is the chain's: that at beta 1. */
  get cold(): number {
    return this.#replicaAt.at(-1)!;
  }

  /** Inverse temperature of a replica in a sweep: its rung's, unless it still cools down. */
  betaQ(replica: number, sweep: number): number {
    return Math.min(betaQOfSweep(this.#plan, sweep), this.#betasQ[this.#rungOf[replica]!]!);
  }

  /**
   * All replicas have done so many sweeps, and meet.
   * @param logLikQ log-likelihood of each replica, on the grid
   */
  meet(done: number, logLikQ: ArrayLike<number>): void {
    const exchange = exchangeAfter(this.#plan, done);
    if (exchange > 0) this.#exchange(exchange, done, logLikQ);
    if (done !== warmupSweeps(this.#plan)) return;
    this.#triedSinceDraw.fill(0);
    this.#rejectedSinceDraw.fill(0);
  }

  #exchange(exchange: number, done: number, logLikQ: ArrayLike<number>): void {
    for (let rung = exchange % 2; rung + 1 < this.#betasQ.length; rung += 2) {
      this.#tryExchange(rung, exchange, logLikQ);
    }
    this.#noteEnds(done > warmupSweeps(this.#plan));
    if (this.#tunings.has(exchange)) this.#tune();
  }

  /** What there is to say at a draw. The next one tells what happens from here on. */
  takeDraw(logLikQ: ArrayLike<number>): LadderDraw {
    const rejection = this.#rejectedSinceDraw.map((sum, i) => sum / this.#triedSinceDraw[i]!);
    this.#triedSinceDraw.fill(0);
    this.#rejectedSinceDraw.fill(0);
    return {
      betasQ: this.#betasQ.slice(),
      replicas: this.#replicaAt.slice(),
      logLikQ: Float64Array.from(this.#replicaAt, (replica) => logLikQ[replica]!),
      rejection,
      restarts: this.#restarts,
      roundTrips: this.#roundTrips,
    };
  }

  /** Everything that the exchanges to come depend on: `stateLength` numbers. */
  get state(): Float64Array {
    return Float64Array.of(
      ...[this.#restarts, this.#roundTrips],
      ...[...this.#betasQ, ...this.#replicaAt, ...this.#visited],
      ...[...this.#tried, ...this.#rejected, ...this.#triedSinceDraw, ...this.#rejectedSinceDraw],
    );
  }

  #restore(state: Float64Array): void {
    let at = 2;
    for (const part of [
      ...[this.#betasQ, this.#replicaAt, this.#visited],
      ...[this.#tried, this.#rejected, this.#triedSinceDraw, this.#rejectedSinceDraw],
    ]) {
      part.set(state.subarray(at, at + part.length));
      at += part.length;
    }
    [this.#restarts, this.#roundTrips] = [state[0]!, state[1]!];
    this.#replicaAt.forEach((replica, rung) => (this.#rungOf[replica] = rung));
  }

  /** The replicas at `rung` and the one above change places with probability min(1, e^(change of the joint density)). */
  #tryExchange(rung: number, exchange: number, logLikQ: ArrayLike<number>): void {
    const low = this.#replicaAt[rung]!;
    const high = this.#replicaAt[rung + 1]!;
    // Integers below 2^53: exact.
    const changeQ = (this.#betasQ[rung + 1]! - this.#betasQ[rung]!) * (logLikQ[low]! - logLikQ[high]!);
    const acceptance = changeQ >= 0 ? 1 : expOfNegative(changeQ / (BETA_ONE_Q * NAT_Q));
    this.#tried[rung]!++;
    this.#rejected[rung]! += 1 - acceptance;
    this.#triedSinceDraw[rung]!++;
    this.#rejectedSinceDraw[rung]! += 1 - acceptance;
    const uniform = uniform53(this.#seed, rung, exchange, this.#chain, Domain.exchange) / 2 ** 53;
    if (uniform >= acceptance) return;
    this.#replicaAt[rung] = high;
    this.#replicaAt[rung + 1] = low;
    this.#rungOf[high] = rung;
    this.#rungOf[low] = rung + 1;
  }

  #noteEnds(count: boolean): void {
    const bottom = this.#replicaAt[0]!;
    const top = this.cold;
    if (this.#visited[bottom] === FROM_TOP && count) this.#roundTrips++;
    this.#visited[bottom] = FROM_BOTTOM;
    if (this.#visited[top] !== FROM_BOTTOM) return;
    if (count) this.#restarts++;
    this.#visited[top] = FROM_TOP;
  }

  #tune(): void {
    const rejections = this.#rejected.map((sum, i) => (this.#tried[i]! > 0 ? sum / this.#tried[i]! : 0));
    this.#betasQ = tunedLadder(this.#betasQ, rejections);
    this.#tried.fill(0);
    this.#rejected.fill(0);
  }
}
