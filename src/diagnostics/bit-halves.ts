/** Moments of one weight's half-chains, as exact counts of bits. */
import { bitAt, edgesOf, pairsApart, popcount } from './bits.js';
import type { SequenceMoments } from './effective-size.js';
import { varianceOf } from './scalar.js';

/**
 * Counts of pairs of ones, summed over the sequences that have few runs: their second difference over lags is minus the
 * number of edges so far apart (an up and a down edge count negative), so that all lags cost but the square of the edges.
 */
class FewRuns {
  #second: Int32Array;
  #ones = 0;
  #edges = 0;
  #lag = 0;
  #before = 0;
  #now = 0;

  constructor(length: number) {
    this.#second = new Int32Array(length + 1);
  }

  add(edges: readonly number[], ones: number): void {
    this.#ones += ones;
    this.#edges += edges.length;
    for (let k = 0; k < edges.length; k++) {
      for (let l = k + 1; l < edges.length; l++) this.#second[edges[l]! - edges[k]!]! += (l - k) % 2 ? 1 : -1;
    }
  }

  /** Lags are asked for one after the other, from 0 on. */
  pairs(lag: number): number {
    if (lag === 0) return (this.#now = this.#ones);
    // The curve is the same to both sides of lag 0; there its second difference is minus the number of edges.
    const next =
      lag === 1 ? this.#ones - this.#edges / 2 : 2 * this.#now - this.#before + this.#second[this.#lag]!;
    this.#before = this.#now;
    this.#now = next;
    this.#lag = lag;
    return next;
  }
}

export class BitHalves implements SequenceMoments {
  readonly sequences: number;
  readonly length: number;
  readonly varianceOfMeans: number;
  /** Mean over halves of their variance, divisor n. */
  readonly variance: number;
  readonly #parts: readonly Uint32Array[];
  readonly #ones: readonly number[];
  /** Halves that are not constant: only they have autocovariances. */
  readonly #moving: readonly number[];
  /** Those of them with many runs, and what stands for those with few. */
  readonly #busy: readonly number[];
  readonly #calm: FewRuns | undefined;
  /** Ones of each half from the lag on, and up to the lag's distance from the end. */
  readonly #late: number[];
  readonly #early: number[];
  #lag = 0;

  /** @param parts bits of each half, `length` of them, with at least one word of zeros behind them */
  constructor(parts: readonly Uint32Array[], length: number) {
    this.#parts = parts;
    this.length = length;
    this.sequences = parts.length;
    this.#ones = parts.map((words) => words.reduce((sum, word) => sum + popcount(word), 0));
    this.#moving = this.#ones.flatMap((ones, s) => (ones > 0 && ones < length ? [s] : []));
    this.varianceOfMeans = varianceOf(this.#ones.map((ones) => ones / length));
    const squares = this.#moving.reduce((sum, s) => sum + this.#ones[s]! * (length - this.#ones[s]!), 0);
    this.variance = squares / (length * length * parts.length);
    this.#late = [...this.#ones];
    this.#early = [...this.#ones];
    const edges = this.#moving.map((s) => edgesOf(parts[s]!, length));
    // With many runs few lags are asked for, and counting them word by word costs less.
    const isCalm = (i: number): boolean => edges[i]!.length ** 3 <= length * length;
    this.#busy = this.#moving.filter((_, i) => !isCalm(i));
    if (this.#busy.length === this.#moving.length) return;
    const calm = new FewRuns(length);
    this.#moving.forEach((s, i) => isCalm(i) && calm.add(edges[i]!, this.#ones[s]!));
    this.#calm = calm;
  }

  /** Whether all bits of all halves are the same. */
  get isConstant(): boolean {
    return this.#moving.length === 0 && this.varianceOfMeans === 0;
  }

  autocovariance(lag: number): number {
    const { length } = this;
    while (this.#lag < lag) this.#step();
    let sum = (this.#calm?.pairs(lag) ?? 0) * length * length;
    for (const s of this.#busy) sum += pairsApart(this.#parts[s]!, lag) * length * length;
    for (const s of this.#moving) {
      const ones = this.#ones[s]!;
      sum += (length - lag) * ones * ones - ones * length * (this.#late[s]! + this.#early[s]!);
    }
    return sum / (length ** 3 * this.sequences);
  }

  #step(): void {
    for (const s of this.#moving) {
      this.#late[s]! -= bitAt(this.#parts[s]!, this.#lag);
      this.#early[s]! -= bitAt(this.#parts[s]!, this.length - 1 - this.#lag);
    }
    this.#lag++;
  }
}
