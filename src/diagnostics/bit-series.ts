/**
 * Diagnostics of one bit a draw from packed words. A bit's rank-normal scores take two values, so every figure that scores
 * decide (R-hat, bulk size) is that of the bit itself, and autocovariances are counts of bits: exact integers.
 */
import { BitHalves } from './bit-halves.js';
import { copyBits, onesAndFlips } from './bits.js';
import { effectiveSize } from './effective-size.js';
import { quantilePlace } from './order.js';
import { type Estimate, LEAST_DRAWS, rhatFrom } from './scalar.js';

/** What is known of one weight from all draws of all chains. */
export interface BitEstimate extends Estimate {
  /** Times that the bit differs from the chain's previous draw, over all chains. */
  readonly flips: number;
  /** Draws of each chain at which it is 1. */
  readonly ones: readonly number[];
  /** Draws a chain. */
  readonly draws: number;
}

type Figures = Omit<Estimate, 'mean' | 'sd'>;

/** Works on one weight after the other, all with the same chains and draws. */
export class BitSeries {
  readonly #chains: number;
  readonly #draws: number;
  readonly #half: number;
  readonly #parts: Uint32Array[];

  /** @param draws a chain */
  constructor(chains: number, draws: number) {
    this.#chains = chains;
    this.#draws = draws;
    this.#half = draws >> 1;
    const words = ((this.#half + 31) >> 5) + 1;
    this.#parts = Array.from({ length: 2 * chains }, () => new Uint32Array(words));
  }

  /** @param series the weight's bits in each chain, least significant first, at least `draws` of them */
  estimate(series: readonly Uint32Array[]): BitEstimate {
    const total = this.#chains * this.#draws;
    const counts = series.map((words) => onesAndFlips(words, this.#draws));
    const ones = counts.map((chain) => chain.ones);
    const allOnes = ones.reduce((sum, count) => sum + count, 0);
    const mean = allOnes / total;
    const sd = Math.sqrt((mean * (1 - mean) * total) / (total - 1));
    const flips = counts.reduce((sum, chain) => sum + chain.flips, 0);
    return { mean, sd, flips, ones, draws: this.#draws, ...this.#figures(series, allOnes, sd) };
  }

  #figures(series: readonly Uint32Array[], ones: number, sd: number): Figures {
    if (this.#draws < LEAST_DRAWS) {
      return { mcseMean: NaN, mcseSd: NaN, essBulk: NaN, essTail: NaN, rhat: NaN };
    }
    this.#split(series);
    const halves = new BitHalves(this.#parts, this.#half);
    const drawsUsed = 2 * this.#chains * this.#half;
    const ess = halves.isConstant ? drawsUsed : effectiveSize(halves);
    const within = (halves.variance * this.#half) / (this.#half - 1);
    return {
      mcseMean: sd / Math.sqrt(ess),
      mcseSd: this.#errorOfSd(ones, ess, drawsUsed),
      essBulk: ess,
      essTail: this.#tailEss(ones, ess, drawsUsed),
      rhat: this.#chains > 1 ? rhatFrom(this.#half, within, halves.varianceOfMeans) : NaN,
    };
  }

  /** First and last half of each chain. */
  #split(series: readonly Uint32Array[]): void {
    series.forEach((words, chain) => {
      copyBits(words, 0, this.#half, this.#parts[chain]!);
      copyBits(words, this.#draws - this.#half, this.#half, this.#parts[this.#chains + chain]!);
    });
  }

  /** Squared distances from the mean take two values, one where the mean is a half: then they are constant. */
  #errorOfSd(ones: number, ess: number, drawsUsed: number): number {
    const total = this.#chains * this.#draws;
    if (ones === 0 || ones === total) return NaN;
    const apart = Math.abs(1 - (2 * ones) / total);
    return apart / 2 / Math.sqrt(apart === 0 ? drawsUsed : ess);
  }

  /** The 5 % and 95 % quantiles are 0 or 1 (or between): "at most the quantile" is then the bit's reverse, or always so. */
  #tailEss(ones: number, ess: number, drawsUsed: number): number {
    const total = this.#chains * this.#draws;
    const isBelowOne = (p: number): boolean => {
      const { index, weight } = quantilePlace(total, p);
      return weight < 1 ? index < total - ones : index + 1 < total - ones;
    };
    return Math.min(...[0.05, 0.95].map((p) => (isBelowOne(p) ? ess : drawsUsed)));
  }
}
