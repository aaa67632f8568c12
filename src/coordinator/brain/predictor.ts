/**
 * What a chain's totals will be, and how sure that is. A guess is the total seen last at the same site; how often such
 * guesses are wrong is learned by kind and by the distance between the guess and the threshold.
 */

/** Kinds of guesses whose errors are learned apart; a fresh one stems from an undone part of the same sweep. */
export const GuessKind = {
  flip: 0,
  freshFlip: 1,
  swap: 2,
  freshSwap: 3,
  sumSwap: 4,
  mixed: 5,
  freshMixed: 6,
} as const;
const KINDS = 7;

/** Distances are told apart by half octaves of their size in Q: 2 a bit. */
const DISTANCES = 64;

/** Guesses of a kind and distance that a first assumption of their risk counts for. */
const ASSUMED_GUESSES = 2;
const ASSUMED_RISK = 0.02;
/** When so many have been seen both counts are halved, so that risks follow a chain that cools. */
const SEEN_LIMIT = 2048;

/** No total was seen yet (below every possible total). */
const UNSEEN_Q = -(2 ** 31);

export class Predictor {
  /** Last total of each flip, as that of 0 to 1; length D K. */
  readonly #upQ: Int32Array;
  /** Last total of each swap by orientation: 2 (pair K + k) + (bit of the shared or first weight). */
  readonly #swapQ: Int32Array;
  readonly #risk = new Float64Array(KINDS * DISTANCES).fill(ASSUMED_RISK);
  readonly #seen = new Float64Array(KINDS * DISTANCES).fill(ASSUMED_GUESSES);
  readonly #wrong = new Float64Array(KINDS * DISTANCES).fill(ASSUMED_GUESSES * ASSUMED_RISK);

  /** @param weights D K; @param swaps sites that are swaps */
  constructor(weights: number, swaps: number) {
    this.#upQ = new Int32Array(weights);
    this.#swapQ = new Int32Array(2 * swaps).fill(UNSEEN_Q);
  }

  /** Takes the total of flipping weight i, whose bit is `bit`. */
  seeFlip(i: number, bit: number, totalQ: number): void {
    this.#upQ[i] = bit ? -totalQ : totalQ;
  }

  seeSwap(swap: number, bit: number, totalQ: number): void {
    this.#swapQ[2 * swap + bit] = totalQ;
  }

  flipQ(i: number, bit: number): number {
    return bit ? -this.#upQ[i]! : this.#upQ[i]!;
  }

  hasSwap(swap: number, bit: number): boolean {
    return this.#swapQ[2 * swap + bit] !== UNSEEN_Q;
  }

  /** Total of swapping weights i (its bit is `bit`) and i2: as seen last, else the sum of the two flips. */
  swapQ(swap: number, bit: number, i: number, i2: number): number {
    const lastQ = this.#swapQ[2 * swap + bit]!;
    return lastQ !== UNSEEN_Q ? lastQ : this.flipQ(i, bit) + this.flipQ(i2, 1 - bit);
  }

  /** The class of guesses of this kind that lie so far from their threshold. */
  riskClass(kind: number, distanceQ: number): number {
    const size = Math.abs(distanceQ) + 1;
    const octave = 31 - Math.clz32(size);
    const upperHalf = octave > 0 ? (size >>> (octave - 1)) & 1 : 0;
    return kind * DISTANCES + 2 * octave + upperHalf;
  }

  /** Chance that a guess of this class is wrong. */
  risk(riskClass: number): number {
    return this.#risk[riskClass]!;
  }

  learn(riskClass: number, wrong: boolean): void {
    if (this.#seen[riskClass]! >= SEEN_LIMIT) {
      this.#seen[riskClass]! /= 2;
      this.#wrong[riskClass]! /= 2;
    }
    this.#seen[riskClass]!++;
    if (wrong) this.#wrong[riskClass]!++;
    this.#risk[riskClass] = this.#wrong[riskClass]! / this.#seen[riskClass]!;
  }
}
