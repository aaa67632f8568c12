/**
 * The bits of all weights over all draws of one chain: one bit a weight and draw, laid out by weight in blocks of 32 draws.
 */

/** Transposes 32 words as a 32 x 32 matrix of bits, in place. H. S. Warren, Hacker's Delight (2003), 7-3. */
function transposeBits(a: Uint32Array): void {
  for (let j = 16, mask = 0x0000ffff; j !== 0; j >>= 1, mask ^= mask << j) {
    for (let k = 0; k < 32; k = ((k | j) + 1) & ~j) {
      // Bit 0 is the lowest, so this is the book's figure mirrored.
      const swapped = ((a[k]! >>> j) ^ a[k | j]!) & mask;
      a[k | j]! ^= swapped;
      a[k]! ^= swapped << j;
    }
  }
}

/** The even bits of a word, close together in its lower half. */
function evenBits(word: number): number {
  let x = word & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0x0000ffff;
}

export class BitHistory {
  readonly #weights: number;
  /** Words of 32 weights. */
  readonly #width: number;
  /** A word a weight: its bits at 32 draws, the first in bit 0. */
  #blocks: Uint32Array[] = [];
  /** Up to 31 draws that do not fill a block, a row of words each. */
  readonly #rows: Uint32Array;
  #pending = 0;

  constructor(weights: number) {
    this.#weights = weights;
    this.#width = (weights + 31) >> 5;
    this.#rows = new Uint32Array(32 * this.#width);
  }

  get length(): number {
    return 32 * this.#blocks.length + this.#pending;
  }

  /** @param packed one bit a weight, least significant first */
  add(packed: Uint8Array): void {
    const row = this.#pending * this.#width;
    this.#rows.fill(0, row, row + this.#width);
    for (let i = 0; i < packed.length; i++) this.#rows[row + (i >> 2)]! |= packed[i]! << (8 * (i & 3));
    this.#pending++;
    if (this.#pending < 32) return;
    this.#blocks.push(this.#block());
    this.#pending = 0;
  }

  /** Keeps the draws 0, 2, 4, .. alone; only where the number of draws is a multiple of 64. */
  dropEverySecond(): void {
    if (this.length % 64 !== 0) throw new Error(`${this.length} draws can't be halved by blocks`);
    this.#blocks = Array.from({ length: this.#blocks.length / 2 }, (_, b) => {
      const [first, second] = [this.#blocks[2 * b]!, this.#blocks[2 * b + 1]!];
      return first.map((word, i) => evenBits(word) | (evenBits(second[i]!) << 16));
    });
  }

  /** Blocks of all draws, the last one filled up with zeros. */
  blocks(): Uint32Array[] {
    return this.#pending > 0 ? [...this.#blocks, this.#block()] : [...this.#blocks];
  }

  #block(): Uint32Array {
    const block = new Uint32Array(32 * this.#width);
    const square = new Uint32Array(32);
    for (let word = 0; word < this.#width; word++) {
      for (let row = 0; row < 32; row++) {
        square[row] = row < this.#pending ? this.#rows[row * this.#width + word]! : 0;
      }
      transposeBits(square);
      block.set(square, 32 * word);
    }
    return block.subarray(0, this.#weights);
  }
}
