/** R-hat and effective size of lp while a run goes on, from a bounded number of draws of each chain. */
import { estimate } from '../diagnostics/scalar.js';

export interface LpFigures {
  /** Draws of every chain that the figures are of, given up ones included. */
  readonly draws: number;
  /** Rank-normalised split R-hat; NaN with one chain, and while every value is the same. */
  readonly rhat: number;
  /** Bulk effective size of the draws kept; more than their number where draws alternate about their mean. */
  readonly effectiveDraws: number;
}

/** Values kept over all chains: 40 ms for the figures on a machine of 2026. */
const MOST_VALUES = 16_384;
const MOST_OF_A_CHAIN = 1_024;
const LEAST_OF_A_CHAIN = 32;
const FIRST_DRAWS = 20;
/** The figures are made anew when so many times the draws are there: a few hundred times in the longest run. */
const GROWTH = 1.02;

export class LpMonitor {
  readonly #kept: number[][];
  readonly #seen: number[];
  readonly #most: number;
  /** Of every so many draws of a chain one is kept. */
  #stride = 1;
  #figures: LpFigures | undefined;

  constructor(chains: number) {
    this.#kept = Array.from({ length: chains }, () => []);
    this.#seen = new Array<number>(chains).fill(0);
    // Even, so that halving keeps the first draw of each pair.
    const share = 2 * Math.floor(MOST_VALUES / chains / 2);
    this.#most = Math.min(MOST_OF_A_CHAIN, Math.max(LEAST_OF_A_CHAIN, share));
  }

  /** Notes a draw's lp, in nat. A chain's draws come in order. */
  add(chain: number, lp: number): void {
    const number = this.#seen[chain]!++;
    if (number % this.#stride !== 0) return;
    this.#kept[chain]!.push(lp);
    if (this.#kept[chain]!.length > this.#most) this.#halve();
  }

  /** The figures at the last look; undefined before 20 draws. A look that has enough new draws makes them anew. */
  get figures(): LpFigures | undefined {
    const draws = Math.min(...this.#seen);
    if (draws >= FIRST_DRAWS && draws >= GROWTH * (this.#figures?.draws ?? 0)) {
      const length = Math.min(...this.#kept.map((values) => values.length));
      const chains = this.#kept.map((values) => Float64Array.from(values.slice(0, length)));
      const { rhat, essBulk } = estimate(chains);
      this.#figures = { draws, rhat, effectiveDraws: essBulk };
    }
    return this.#figures;
  }

  #halve(): void {
    this.#stride *= 2;
    this.#kept.forEach((values, chain) => {
      this.#kept[chain] = values.filter((_, i) => i % 2 === 0);
    });
  }
}
