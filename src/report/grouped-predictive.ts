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

/** Chains are groups; where there are few, stretches of them, which grow with the draws: 8 to 16 a chain. */
const ENOUGH_CHAINS = 4;
const MOST_STRETCHES = 16;
const MOST_GROUPS = 32;

export class GroupedPredictive {
  readonly #predictive: Predictive;
  readonly #chains: number;
  readonly #groups: number;
  /** Draws of a chain in a group; with many chains all of them. */
  #length: number;

  constructor(test: Rows, classes: number, chains: number) {
    this.#chains = chains;
    const isMany = chains >= ENOUGH_CHAINS;
    this.#length = isMany ? Infinity : 1;
    this.#groups = isMany ? Math.min(MOST_GROUPS, chains) : chains * MOST_STRETCHES;
    this.#predictive = new Predictive(test, classes, this.#groups, plainLogits(test, classes));
  }

  /**
   * @param draw number of the draw among those that are added: 0, 1, .. for each chain
   * @param w one byte a weight
   */
  add(chain: number, draw: number, w: Uint8Array): void {
    while (draw >= MOST_STRETCHES * this.#length) this.#joinPairs();
    const stretch = Math.floor(draw / this.#length);
    this.#predictive.add((stretch * this.#chains + chain) % this.#groups, w);
  }

  #joinPairs(): void {
    for (let stretch = 0; stretch < MOST_STRETCHES; stretch++) {
      for (let chain = 0; chain < this.#chains; chain++) {
        const into = (stretch >> 1) * this.#chains + chain;
        const from = stretch * this.#chains + chain;
        if (into !== from) this.#predictive.merge(into, from);
      }
    }
    this.#length *= 2;
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
