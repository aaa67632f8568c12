/**
 * What a chain's totals will be: as seen at the same site, moved by what is known to have changed since. Totals are
 * on the grid; a flip's is kept as that of 0 to 1, so that it needs no turning when the bit changes.
 */

/** No total was seen yet (below every possible total). */
const UNSEEN_Q = -(2 ** 31);

/** Sums of a feature's regression are halved at this sum of squares, so that it follows the chain. */
const SQUARES_LIMIT = 64;

/**
 * A swap's totals scatter around where the chain stands: their mean misses less than the last one does. So much does a new
 * total count in it.
 */
const FRESHNESS = 0.4;

/**
 * What is known of a site lies together, four numbers a site, for sites are visited in random order:
 * of a flip its last total, how many bits of the feature's other classes were 1 then, and the sweep, plus 1;
 * of a swap its mean total by orientation (the bit of the first or shared weight), twice the sweep in which it was seen last,
 * plus 2 and the orientation, and its total then.
 */
const STRIDE = 4;
const TOTAL_Q = 0;
const OTHERS = 1;
const SEEN_IN = 2;
const LAST_Q = 3;

export interface PredictorSize {
  readonly features: number;
  readonly classes: number;
  /** Number of the first swap's site, and of swap sites. */
  readonly firstSwap: number;
  readonly swaps: number;
}

export class Predictor {
  readonly #classes: number;
  readonly #known: Int32Array;
  /** Regression through 0, by feature, of the change of a flip's total on the change of its others. */
  readonly #squares: Float64Array;
  readonly #productsQ: Float64Array;

  constructor({ features, classes, firstSwap, swaps }: PredictorSize) {
    this.#classes = classes;
    this.#squares = new Float64Array(features);
    this.#productsQ = new Float64Array(features);
    this.#known = new Int32Array(STRIDE * (firstSwap + swaps));
    for (let at = STRIDE * firstSwap; at < this.#known.length; at += STRIDE) {
      this.#known[at] = UNSEEN_Q;
      this.#known[at + 1] = UNSEEN_Q;
    }
  }

  /** Takes all flips' totals in state w, length D K; nothing is learned from them. */
  startFrom(totalsQ: ArrayLike<number>, w: Uint8Array): void {
    for (let i = 0; i < w.length; i++) {
      this.#known[STRIDE * i + TOTAL_Q] = w[i] ? -totalsQ[i]! : totalsQ[i]!;
      this.#known[STRIDE * i + OTHERS] = this.others(w, i);
    }
  }

  /** Bits that are 1 among the other classes of weight i's feature: flips of one feature push each other most. */
  others(w: Uint8Array, i: number): number {
    const start = i - (i % this.#classes);
    let count = -w[i]!;
    for (let other = start; other < start + this.#classes; other++) count += w[other]!;
    return count;
  }

  /** Whether a flip's total was seen in this sweep already, in a part that was undone. */
  isFreshFlip(i: number, sweep: number): boolean {
    return this.#known[STRIDE * i + SEEN_IN] === sweep + 1;
  }

  /** The same of a swap in this orientation. */
  isFreshSwap(site: number, sweep: number, bit: number): boolean {
    return this.#known[STRIDE * site + SEEN_IN] === 2 * (sweep + 1) + bit;
  }

  /** Takes the total of flipping weight i, whose bit was `bit`. */
  seeFlip(i: number, sweep: number, bit: number, others: number, totalQ: number): void {
    const known = this.#known;
    const at = STRIDE * i;
    const upQ = bit ? -totalQ : totalQ;
    const change = others - known[at + OTHERS]!;
    if (change !== 0) this.#regress((i / this.#classes) | 0, change, upQ - known[at + TOTAL_Q]!);
    known[at + TOTAL_Q] = upQ;
    known[at + OTHERS] = others;
    known[at + SEEN_IN] = sweep + 1;
  }

  #regress(j: number, change: number, changeQ: number): void {
    if (this.#squares[j]! > SQUARES_LIMIT) {
      this.#squares[j]! /= 2;
      this.#productsQ[j]! /= 2;
    }
    this.#squares[j]! += change * change;
    this.#productsQ[j]! += change * changeQ;
  }

  /** Total of flipping weight i: as seen last, moved by what its feature's other bits have changed since. */
  flipQ(i: number, bit: number, others: number): number {
    const change = others - this.#known[STRIDE * i + OTHERS]!;
    let upQ = this.#known[STRIDE * i + TOTAL_Q]!;
    if (change !== 0) upQ += change * this.#pushQ((i / this.#classes) | 0);
    return bit ? -upQ : upQ;
  }

  /** How much a bit of another class moves a flip's total. */
  #pushQ(j: number): number {
    const squares = this.#squares[j]!;
    return squares === 0 ? 0 : this.#productsQ[j]! / squares;
  }

  hasSwap(site: number, bit: number): boolean {
    return this.#known[STRIDE * site + bit] !== UNSEEN_Q;
  }

  /**
   * Total of a swap in this orientation: as seen in this sweep, else the mean, else the sum of the flips of weight i (its bit
   * is `bit`) and i2.
   */
  swapQ(site: number, sweep: number, bit: number, i: number, i2: number, w: Uint8Array): number {
    if (this.isFreshSwap(site, sweep, bit)) return this.#known[STRIDE * site + LAST_Q]!;
    const meanQ = this.#known[STRIDE * site + bit]!;
    if (meanQ !== UNSEEN_Q) return meanQ;
    return this.flipQ(i, bit, this.others(w, i)) + this.flipQ(i2, 1 - bit, this.others(w, i2));
  }

  /**
   * Takes the total of a swap in this orientation.
   * @param isFinal whether it was seen in the chain's own state, not in a part that was undone: that is seen again
   */
  seeSwap(site: number, sweep: number, bit: number, totalQ: number, isFinal: boolean): void {
    if (isFinal || !this.hasSwap(site, bit)) this.#average(STRIDE * site + bit, totalQ);
    this.#known[STRIDE * site + SEEN_IN] = 2 * (sweep + 1) + bit;
    this.#known[STRIDE * site + LAST_Q] = totalQ;
  }

  #average(at: number, totalQ: number): void {
    const meanQ = this.#known[at]!;
    this.#known[at] = meanQ === UNSEEN_Q ? totalQ : meanQ + FRESHNESS * (totalQ - meanQ);
  }

  /**
   * A swap was taken: the way back costs what it brought, and the total tells how far the two flips depend on each other.
   * @param from weight whose bit was 1
   * @param to weight whose bit was 0
   */
  takeSwap(site: number, bit: number, from: number, to: number, totalQ: number): void {
    const known = this.#known;
    this.#average(STRIDE * site + 1 - bit, -totalQ);
    const fromQ = known[STRIDE * from + TOTAL_Q]!;
    known[STRIDE * from + TOTAL_Q] = known[STRIDE * to + TOTAL_Q]! - totalQ;
    known[STRIDE * to + TOTAL_Q] = fromQ + totalQ;
  }
}
