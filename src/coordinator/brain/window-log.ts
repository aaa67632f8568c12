/** What was guessed in a window, in visiting order: shared sites, and rows of SHARED features whose bits were equal. */

/** The decision of a logged site; a mixed swap is closed when its owner finds the bits equal. */
export const Decision = { refused: 0, taken: 1, closed: 2 } as const;

const FIRST_CAPACITY = 256;

export class WindowLog {
  count = 0;
  /** Shared sites among them: each has a guess bit and a partial. */
  shared = 0;
  /** Index into the sweep's shared sites. */
  entry = new Int32Array(FIRST_CAPACITY);
  /** The (first or SHARED) weight's bit before the move. */
  bit = new Uint8Array(FIRST_CAPACITY);
  /** The guess; after the window was settled, the decision of each site up to the first wrong guess. */
  decision = new Uint8Array(FIRST_CAPACITY);
  /** Of a flip: bits that were 1 among the other classes of its feature. */
  others = new Uint8Array(FIRST_CAPACITY);
  thresholdQ = new Int32Array(FIRST_CAPACITY);
  guessClass = new Uint16Array(FIRST_CAPACITY);
  #guess = new Uint8Array(FIRST_CAPACITY >> 3);

  clear(): void {
    this.#guess.fill(0, 0, (this.shared + 7) >> 3);
    this.count = 0;
    this.shared = 0;
  }

  pushFlip(
    entry: number,
    bit: number,
    others: number,
    guess: number,
    thresholdQ: number,
    guessClass: number,
  ): void {
    this.pushShared(entry, bit, guess, thresholdQ, guessClass);
    this.others[this.count - 1] = others;
  }

  pushShared(entry: number, bit: number, taken: number, thresholdQ: number, guessClass: number): void {
    const l = this.#push(entry, taken);
    this.bit[l] = bit;
    this.thresholdQ[l] = thresholdQ;
    this.guessClass[l] = guessClass;
    this.#guess[this.shared >> 3]! |= taken << (this.shared & 7);
    this.shared++;
  }

  pushRow(entry: number, taken: number): void {
    this.#push(entry, taken);
  }

  /** One bit a shared site, least significant first; a copy. */
  guessBits(): Uint8Array {
    return this.#guess.slice(0, (this.shared + 7) >> 3);
  }

  #push(entry: number, taken: number): number {
    if (this.count === this.entry.length) this.#grow();
    this.entry[this.count] = entry;
    this.decision[this.count] = taken;
    return this.count++;
  }

  #grow(): void {
    const capacity = 2 * this.entry.length;
    const grown = <T extends Int32Array | Uint8Array | Uint16Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.entry = grown(this.entry, new Int32Array(capacity));
    this.bit = grown(this.bit, new Uint8Array(capacity));
    this.decision = grown(this.decision, new Uint8Array(capacity));
    this.others = grown(this.others, new Uint8Array(capacity));
    this.thresholdQ = grown(this.thresholdQ, new Int32Array(capacity));
    this.guessClass = grown(this.guessClass, new Uint16Array(capacity));
    this.#guess = grown(this.#guess, new Uint8Array(capacity >> 3));
  }
}
