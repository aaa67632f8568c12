/**
 * What the draws of tempered chains tell of their ladders: rejections, barrier, trips of the replicas, and the log evidence
 * by stepping stones. Memory doesn't grow with the draws. Pure.
 */
import { NAT_Q } from '../posterior/grid.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';

/** What a draw tells of its chain's ladder, see the sampler's LadderDraw. */
export interface LadderDraw {
  /** Inverse temperature of each rung in 1 / 65,536. */
  readonly betasQ: Int32Array;
  /** Replica at each rung. */
  readonly replicas: Int32Array;
  /** Log-likelihood at each rung, on the grid. */
  readonly logLikQ: Float64Array;
  /** By pair of rungs since the previous draw, NaN where none was tried. */
  readonly rejection: Float64Array;
  readonly restarts: number;
  readonly roundTrips: number;
}

/** One rung of the ladder; means over chains. */
export interface RungFigures {
  readonly beta: number;
  /** Mean log-likelihood, nat. */
  readonly logLik: number;
  /** Mean rejection probability of exchanges with the rung above; NaN at the last rung. */
  readonly rejection: number;
}

export interface LadderFigures {
  readonly rungs: readonly RungFigures[];
  /** Global communication barrier: the rejections of all pairs summed, mean over chains. */
  readonly barrier: number;
  /** Replicas that came from the lowest rung to the highest, and those of them that came back; by chain. */
  readonly restarts: readonly number[];
  readonly roundTrips: readonly number[];
  /**
   * log(Z(1) / Z(beta min)) in nat, mean over chains: the log evidence of the data where beta min is 0.
   * `error`: its standard error by the spread of the chains, NaN where there is one only.
   */
  readonly logEvidence: { readonly value: number; readonly error: number };
  /** Rung of replica 0 of chain 0 at some of its draws, evenly spread. */
  readonly path: readonly PathPoint[];
}

export interface PathPoint {
  readonly draw: number;
  readonly rung: number;
}

/** Points of a path that are kept. */
const MOST_POINTS = 600;

/** A path as its points go by: every so many of them, ever fewer. */
class Path {
  #points: PathPoint[] = [];
  #every = 1;

  add(draw: number, rung: number): void {
    if (draw % this.#every > 0) return;
    this.#points.push({ draw, rung });
    if (this.#points.length < 2 * MOST_POINTS) return;
    this.#every *= 2;
    this.#points = this.#points.filter((point) => point.draw % this.#every === 0);
  }

  get points(): readonly PathPoint[] {
    return this.#points;
  }
}

/** log of a mean of exponentials, as its terms go by. */
class LogMeanExp {
  #most = -Infinity;
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#count++;
    if (value <= this.#most) this.#sum += Math.exp(value - this.#most);
    else {
      this.#sum = this.#sum * Math.exp(this.#most - value) + 1;
      this.#most = value;
    }
  }

  get value(): number {
    return this.#most + Math.log(this.#sum / this.#count);
  }
}

class ChainLadder {
  #draws = 0;
  #last: LadderDraw | undefined;
  readonly #logLik: Float64Array;
  readonly #rejection: Float64Array;
  readonly #tried: Float64Array;
  /** By pair: from the lower rung up, and from the upper one down. */
  readonly #up: readonly LogMeanExp[];
  readonly #down: readonly LogMeanExp[];

  constructor(replicas: number) {
    this.#logLik = new Float64Array(replicas);
    this.#rejection = new Float64Array(replicas - 1);
    this.#tried = new Float64Array(replicas - 1);
    this.#up = Array.from({ length: replicas - 1 }, () => new LogMeanExp());
    this.#down = Array.from({ length: replicas - 1 }, () => new LogMeanExp());
  }

  add(draw: LadderDraw): void {
    this.#draws++;
    this.#last = draw;
    draw.logLikQ.forEach((q, rung) => (this.#logLik[rung]! += q / NAT_Q));
    draw.rejection.forEach((rejection, pair) => {
      const step = (draw.betasQ[pair + 1]! - draw.betasQ[pair]!) / BETA_ONE_Q;
      this.#up[pair]!.add((step * draw.logLikQ[pair]!) / NAT_Q);
      this.#down[pair]!.add((-step * draw.logLikQ[pair + 1]!) / NAT_Q);
      if (Number.isNaN(rejection)) return;
      this.#rejection[pair]! += rejection;
      this.#tried[pair]!++;
    });
  }

  get isBegun(): boolean {
    return this.#draws > 0;
  }

  get rungs(): RungFigures[] {
    return Array.from(this.#last!.betasQ, (betaQ, rung) => ({
      beta: betaQ / BETA_ONE_Q,
      logLik: this.#logLik[rung]! / this.#draws,
      rejection: rung < this.#rejection.length ? this.#rejection[rung]! / this.#tried[rung]! : NaN,
    }));
  }

  get trips(): Pick<LadderDraw, 'restarts' | 'roundTrips'> {
    return this.#last!;
  }

  /** Half from below and half from above: what bends one estimate up bends the other down. */
  get logEvidence(): number {
    return this.#up.reduce((sum, up, pair) => sum + (up.value - this.#down[pair]!.value) / 2, 0);
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export class LadderDiagnostics {
  readonly #chains: readonly ChainLadder[];
  readonly #path = new Path();
  #draws = 0;

  constructor(chains: number, replicas: number) {
    this.#chains = Array.from({ length: chains }, () => new ChainLadder(replicas));
  }

  /** Draws of a chain come in order. */
  add(chain: number, draw: LadderDraw): void {
    this.#chains[chain]!.add(draw);
    if (chain === 0) this.#path.add(this.#draws++, draw.replicas.indexOf(0));
  }

  /** Whether every chain has a draw. */
  get isBegun(): boolean {
    return this.#chains.every(({ isBegun }) => isBegun);
  }

  /** To be asked once it is begun. */
  get figures(): LadderFigures {
    const byChain = this.#chains.map(({ rungs }) => rungs);
    const over = (rung: number, field: keyof RungFigures): number =>
      mean(byChain.map((rungs) => rungs[rung]![field]));
    const rungs = byChain[0]!.map((_, rung) => ({
      ...{ beta: over(rung, 'beta'), logLik: over(rung, 'logLik'), rejection: over(rung, 'rejection') },
    }));
    const evidence = this.#chains.map(({ logEvidence }) => logEvidence);
    const value = mean(evidence);
    const variance = evidence.reduce((sum, one) => sum + (one - value) ** 2, 0) / (evidence.length - 1);
    return {
      rungs,
      barrier: rungs.slice(0, -1).reduce((sum, { rejection }) => sum + rejection, 0),
      restarts: this.#chains.map(({ trips }) => trips.restarts),
      roundTrips: this.#chains.map(({ trips }) => trips.roundTrips),
      logEvidence: { value, error: Math.sqrt(variance / evidence.length) },
      path: this.#path.points,
    };
  }
}

/** What keeps a tempered run from being trusted, one sentence a concern. */
export function ladderWarnings({ restarts }: LadderFigures): string[] {
  const without = restarts.filter((count) => count === 0).length;
  if (without === 0) return [];
  return [
    `in ${without} of ${restarts.length} chains no replica came from the lowest rung to beta 1: ` +
      'their draws depend on where they began, as if they were not tempered',
  ];
}
