/**
 * How likely a move is taken, given how far its predicted total lies from its threshold: learned from chains' decisions,
 * by kind of prediction. The likelier decision is the guess; the other one's chance is the guess's risk.
 */

/** Kinds of predictions that are learned apart; a fresh one stems from an undone part of the same sweep. */
export const GuessKind = {
  ...{ flip: 0, freshFlip: 1, swap: 2, freshSwap: 3, sumSwap: 4, mixed: 5, freshMixed: 6, closedMixed: 7 },
} as const;
export type GuessKind = (typeof GuessKind)[keyof typeof GuessKind];
const KINDS = 8;

/** Distances are told apart by sign and by half octaves of their size in Q. */
const DISTANCES = 128;

/** What is assumed before anything was learned: so many decisions, and the share of them that went against the prediction. */
const ASSUMED_DECISIONS = 2;
const ASSUMED_SURPRISES = 0.02;
/** When so many have been seen the counts are halved, so that chances follow chains that cool. */
const SEEN_LIMIT = 2048;

export class Chances {
  readonly #chance = new Float64Array(KINDS * DISTANCES);
  readonly #seen = new Float64Array(KINDS * DISTANCES).fill(ASSUMED_DECISIONS);
  readonly #taken = new Float64Array(KINDS * DISTANCES);

  constructor() {
    for (let c = 0; c < this.#chance.length; c++) {
      this.#chance[c] = isAbove(c) ? 1 - ASSUMED_SURPRISES : ASSUMED_SURPRISES;
      this.#taken[c] = this.#chance[c]! * ASSUMED_DECISIONS;
    }
  }

  /** The class of predictions of this kind that lie so far above the threshold (negative: below it). */
  classOf(kind: GuessKind, distanceQ: number): number {
    const size = Math.abs(distanceQ) + 1;
    const octave = 31 - Math.clz32(size);
    const upperHalf = octave > 0 ? (size >>> (octave - 1)) & 1 : 0;
    return kind * DISTANCES + 4 * octave + 2 * upperHalf + (distanceQ >= 0 ? 1 : 0);
  }

  /** The likelier decision: 1 = taken. */
  guess(guessClass: number): 0 | 1 {
    return this.#chance[guessClass]! >= 0.5 ? 1 : 0;
  }

  /** Chance that the guess is wrong. */
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

function isAbove(guessClass: number): boolean {
  return guessClass % 2 === 1;
}
