/** Posterior predictive with its Monte Carlo error, by leaving out one group of draws after the other (jackknife). */
import type { Rows } from '../posterior/rows.js';
import { plainLogits } from '../predict/logits.js';
import { Predictive, type Score, scoreOf } from '../predict/predictive.js';

export interface Estimated {
  readonly value: number;
  /** Monte Carlo standard error; NaN with fewer than two groups of draws. */
  readonly error: number;
}

export interface Predictions {
  readonly test: Rows;
  readonly classes: number;
  /** Draws averaged over. */
  readonly draws: number;
  readonly accuracy: Estimated;
  /** Mean over test rows of the log of the label's probability, nat. */
  readonly logScore: Estimated;
  /** Class probabilities of each test row averaged over draws, n K + k. */
  readonly probabilities: Float64Array;
}

/** Chains are groups; where there are few, stretches of them. */
const ENOUGH_CHAINS = 4;
const STRETCHES = 8;
const MOST_GROUPS = 32;

export class GroupedPredictive {
  readonly #predictive: Predictive;
  readonly #groups: number;
  readonly #stretches: number;
  readonly #chains: number;
  readonly #draws: number;

  /** @param draws a chain: draw numbers given to `add` are below it */
  constructor(test: Rows, classes: number, chains: number, draws: number) {
    this.#chains = chains;
    this.#draws = draws;
    this.#stretches = chains >= ENOUGH_CHAINS ? 1 : Math.ceil(STRETCHES / chains);
    this.#groups = Math.min(MOST_GROUPS, chains * this.#stretches);
    this.#predictive = new Predictive(test, classes, this.#groups, plainLogits(test, classes));
  }

  /** @param w one byte a weight */
  add(chain: number, draw: number, w: Uint8Array): void {
    const stretch = Math.floor((draw * this.#stretches) / this.#draws);
    this.#predictive.add((stretch * this.#chains + chain) % this.#groups, w);
  }

  /** Nothing before the first draw. */
  predictions(): Predictions | undefined {
    const { test, classes } = this.#predictive;
    const all = this.#sumWithout(-1);
    if (all.draws === 0) return undefined;
    const whole = scoreOf(all.sums, all.draws, test, classes);
    const partial: Score[] = [];
    for (let group = 0; group < this.#groups; group++) {
      const { sums, draws } = this.#sumWithout(group);
      if (draws > 0 && draws < all.draws) partial.push(scoreOf(sums, draws, test, classes));
    }
    return {
      ...{ test, classes, draws: all.draws },
      accuracy: { value: whole.accuracy, error: jackknifeError(partial.map((score) => score.accuracy)) },
      logScore: { value: whole.logScore, error: jackknifeError(partial.map((score) => score.logScore)) },
      probabilities: all.sums.map((sum) => sum / all.draws),
    };
  }

  /** Monte Carlo standard errors of the probabilities, n K + k; NaN with fewer than two groups of draws. */
  errors(): Float64Array {
    const groups = Array.from({ length: this.#groups }, (_, group) => this.#predictive.sumsOf(group));
    const some = groups.filter(({ draws }) => draws > 0);
    const total = some.reduce((sum, { draws }) => sum + draws, 0);
    const partial = new Float64Array(some.length);
    return Float64Array.from({ length: groups[0]!.sums.length }, (_, i) => {
      const all = some.reduce((sum, { sums }) => sum + sums[i]!, 0);
      some.forEach(({ sums, draws }, group) => (partial[group] = (all - sums[i]!) / (total - draws)));
      return jackknifeError(partial);
    });
  }

  #sumWithout(leftOut: number): { sums: Float64Array; draws: number } {
    const { test, classes } = this.#predictive;
    const total = { sums: new Float64Array(test.count * classes), draws: 0 };
    for (let group = 0; group < this.#groups; group++) {
      if (group === leftOut) continue;
      const { sums, draws } = this.#predictive.sumsOf(group);
      total.draws += draws;
      for (let i = 0; i < sums.length; i++) total.sums[i]! += sums[i]!;
    }
    return total;
  }
}

/** B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans (1982), from the values without each group. */
function jackknifeError(values: readonly number[] | Float64Array): number {
  if (values.length < 2) return NaN;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(((values.length - 1) / values.length) * squares);
}
