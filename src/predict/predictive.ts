/** Posterior predictive: class probabilities of a test set, averaged over draws, and how good they are. */
import type { Rows } from '../posterior/rows.js';
import type { LogitSource } from './logits.js';

export interface Score {
  /** Draws averaged over. */
  readonly draws: number;
  /** Share of rows (by weight) whose most probable class is the label; ties go to the lower class. */
  readonly accuracy: number;
  /** Mean over rows of the log of the label's probability, in nat. */
  readonly logScore: number;
}

export interface PredictiveReport {
  /** A chain's own draws alone; a chain without draws has no score. */
  readonly byChain: readonly (Score | undefined)[];
  /** All draws of all chains; nothing before the first draw. */
  readonly averaged?: Score;
}

/** `exp(-d)`; from d = 746 on it is 0 in double precision. */
const EXP = Float64Array.from({ length: 746 }, (_, d) => Math.exp(-d));

/** Adds the softmax of each row's integer logits to `sums`, n K + k. */
function addSoftmax(sums: Float64Array, logits: ArrayLike<number>, classes: number): void {
  for (let row = 0; row < sums.length; row += classes) {
    let max = logits[row]!;
    for (let k = 1; k < classes; k++) max = Math.max(max, logits[row + k]!);
    let total = 0;
    for (let k = 0; k < classes; k++) total += EXP[max - logits[row + k]!] ?? 0;
    for (let k = 0; k < classes; k++) sums[row + k]! += (EXP[max - logits[row + k]!] ?? 0) / total;
  }
}

/** How good predictions are. @param sums over `draws` draws, n K + k */
export function scoreOf(sums: Float64Array, draws: number, rows: Rows, classes: number): Score {
  let right = 0;
  let logSum = 0;
  let total = 0;
  for (let n = 0; n < rows.count; n++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (sums[n * classes + k]! > sums[n * classes + best]!) best = k;
    const weight = rows.weights[n]!;
    const label = rows.labels[n]!;
    total += weight;
    if (best === label) right += weight;
    logSum += weight * Math.log(sums[n * classes + label]! / draws);
  }
  return { draws, accuracy: right / total, logScore: logSum / total };
}

/** Sums of predictive probabilities, one table a chain. */
export class Predictive {
  readonly #sums: Float64Array[];
  readonly #draws: number[];

  constructor(
    readonly test: Rows,
    readonly classes: number,
    chains: number,
    readonly source: LogitSource,
  ) {
    this.#sums = Array.from({ length: chains }, () => new Float64Array(test.count * classes));
    this.#draws = Array.from({ length: chains }, () => 0);
  }

  /** Adds a draw of a chain; w has one byte a weight, length D K. */
  add(chain: number, w: Uint8Array): void {
    addSoftmax(this.#sums[chain]!, this.source.logits(w), this.classes);
    this.#draws[chain]!++;
  }

  /** Class probabilities of each row summed over a chain's draws, n K + k, and the number of those. */
  sumsOf(chain: number): { readonly sums: Float64Array; readonly draws: number } {
    return { sums: this.#sums[chain]!, draws: this.#draws[chain]! };
  }

  /** Adds one chain's sums to another's and empties it. */
  merge(into: number, from: number): void {
    const [target, source] = [this.#sums[into]!, this.#sums[from]!];
    for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
    source.fill(0);
    this.#draws[into]! += this.#draws[from]!;
    this.#draws[from] = 0;
  }

  report(): PredictiveReport {
    const byChain = this.#sums.map((sums, chain) => {
      const draws = this.#draws[chain]!;
      return draws ? scoreOf(sums, draws, this.test, this.classes) : undefined;
    });
    const draws = this.#draws.reduce((a, b) => a + b, 0);
    if (draws === 0) return { byChain };
    const all = new Float64Array(this.test.count * this.classes);
    for (const sums of this.#sums) for (let i = 0; i < all.length; i++) all[i]! += sums[i]!;
    return { byChain, averaged: scoreOf(all, draws, this.test, this.classes) };
  }
}
