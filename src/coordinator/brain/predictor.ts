/**
 * What a chain's totals will be, and how sure that is. A total is predicted by the one seen last at the same site; which
 * decision to guess and how often that is wrong is learned by kind and by how far the prediction lies from the threshold.
 */

/** Kinds of guesses that are learned apart; a fresh one stems from an undone part of the same sweep. */
export const GuessKind = {
  ...{ flip: 0, freshFlip: 1, swap: 2, freshSwap: 3, sumSwap: 4, mixed: 5, freshMixed: 6, closedMixed: 7 },
} as const;
const KINDS = 8;

/** Distances are told apart by sign and by half octaves of their size in Q. */
const DISTANCES = 128;

/** What is assumed before anything was learned: so many guesses, and how many of them go against the prediction. */
const ASSUMED_GUESSES = 2;
const ASSUMED_RISK = 0.02;
/** When so many have been seen the counts are halved, so that chances follow a chain that cools. */
const SEEN_LIMIT = 2048;

/** No total was seen yet (below every possible total). */
const UNSEEN_Q = -(2 ** 31);

/** Sums of a feature's regression are halved at this sum of squares, so that it follows the chain. */
const SQUARES_LIMIT = 64;

export class Predictor {
  readonly #classes: number;
  /** Last total of each flip, as that of 0 to 1; length D K. */
  readonly #upQ: Int32Array;
  /** How many bits of the feature's other classes were 1 then; length D K. */
  readonly #othersThen: Uint8Array;
  /** Regression through 0, by feature, of the change of a flip's total on the change of that number. */
  readonly #squares: Float64Array;
  readonly #productsQ: Float64Array;
  /** Last total of each swap by orientation: 2 (pair K + k) + (bit of the shared or first weight). */
  readonly #swapQ: Int32Array;
  /** Chance that a move is taken, by class; decisions seen, and moves taken among them. */
  readonly #chance = new Float64Array(KINDS * DISTANCES);
  readonly #seen = new Float64Array(KINDS * DISTANCES).fill(ASSUMED_GUESSES);
  readonly #taken = new Float64Array(KINDS * DISTANCES);

  /** @param swaps sites that are swaps */
  constructor(features: number, classes: number, swaps: number) {
    this.#classes = classes;
    this.#upQ = new Int32Array(features * classes);
    this.#othersThen = new Uint8Array(features * classes);
    this.#squares = new Float64Array(features);
    this.#productsQ = new Float64Array(features);
    this.#swapQ = new Int32Array(2 * swaps).fill(UNSEEN_Q);
    for (let c = 0; c < this.#chance.length; c++) {
      this.#chance[c] = c % 2 === 1 ? 1 - ASSUMED_RISK : ASSUMED_RISK;
      this.#taken[c] = this.#chance[c]! * ASSUMED_GUESSES;
    }
  }

  /** Takes all flips' totals in state w, length D K; nothing is learned from them. */
  startFrom(totalsQ: ArrayLike<number>, w: Uint8Array): void {
    for (let i = 0; i < w.length; i++) {
      this.#upQ[i] = w[i] ? -totalsQ[i]! : totalsQ[i]!;
      this.#othersThen[i] = this.others(w, i);
    }
  }

  /** Bits that are 1 among the other classes of weight i's feature: flips of one feature push each other most. */
  others(w: Uint8Array, i: number): number {
    const start = i - (i % this.#classes);
    let count = -w[i]!;
    for (let other = start; other < start + this.#classes; other++) count += w[other]!;
    return count;
  }

  /** Takes the total of flipping weight i, whose bit was `bit`. */
  seeFlip(i: number, bit: number, others: number, totalQ: number): void {
    const upQ = bit ? -totalQ : totalQ;
    const change = others - this.#othersThen[i]!;
    if (change !== 0) this.#regress((i / this.#classes) | 0, change, upQ - this.#upQ[i]!);
    this.#upQ[i] = upQ;
    this.#othersThen[i] = others;
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
    const change = others - this.#othersThen[i]!;
    const upQ = this.#upQ[i]! + (change === 0 ? 0 : change * this.#pushQ((i / this.#classes) | 0));
    return bit ? -upQ : upQ;
  }

  /** How much a bit of another class moves a flip's total. */
  #pushQ(j: number): number {
    const squares = this.#squares[j]!;
    return squares === 0 ? 0 : this.#productsQ[j]! / squares;
  }

  /** Takes the total of a swap in this orientation. */
  seeSwap(swap: number, bit: number, totalQ: number): void {
    this.#swapQ[2 * swap + bit] = totalQ;
  }

  /**
   * A swap was taken: the way back costs what it brought, and the total tells how far the two flips depend on each other.
   * @param from weight whose bit was 1
   * @param to weight whose bit was 0
   */
  takeSwap(swap: number, bit: number, from: number, to: number, totalQ: number): void {
    this.#swapQ[2 * swap + 1 - bit] = -totalQ;
    const fromQ = this.#upQ[from]!;
    this.#upQ[from] = this.#upQ[to]! - totalQ;
    this.#upQ[to] = fromQ + totalQ;
  }

  hasSwap(swap: number, bit: number): boolean {
    return this.#swapQ[2 * swap + bit] !== UNSEEN_Q;
  }

  /** Total of a swap in this orientation as seen last. */
  swapQ(swap: number, bit: number): number {
    return this.#swapQ[2 * swap + bit]!;
  }

  /** The class of guesses of this kind whose prediction lies so far above the threshold. */
  guessClass(kind: number, distanceQ: number): number {
    const size = Math.abs(distanceQ) + 1;
    const octave = 31 - Math.clz32(size);
    const upperHalf = octave > 0 ? (size >>> (octave - 1)) & 1 : 0;
    return kind * DISTANCES + 4 * octave + 2 * upperHalf + (distanceQ >= 0 ? 1 : 0);
  }

  /** The likelier decision of a guess of this class. */
  guess(guessClass: number): 0 | 1 {
    return this.#chance[guessClass]! >= 0.5 ? 1 : 0;
  }

  /** Chance that a guess of this class is wrong. */
  risk(guessClass: number): number {
    const chance = this.#chance[guessClass]!;
    return chance >= 0.5 ? 1 - chance : chance;
  }

  learn(guessClass: number, taken: number): void {
    if (this.#seen[guessClass]! >= SEEN_LIMIT) {
      this.#seen[guessClass]! /= 2;
      this.#taken[guessClass]! /= 2;
    }
    this.#seen[guessClass]!++;
    this.#taken[guessClass]! += taken;
    this.#chance[guessClass] = this.#taken[guessClass]! / this.#seen[guessClass]!;
  }
}
