/**
 * Counter-based random stream: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011).
 *
 * Key = seed; counter = (index, sweep, chain, domain). Any process computes any number
 * without a state to carry, so draws depend neither on shards nor on threads nor on restarts.
 * The WebAssembly kernel holds the same functions; tests compare them bit for bit.
 */

/** What a counter is used for; keeps the streams apart. */
export const Domain = { order: 0, accept: 1, start: 2, exchange: 3, split: 4 } as const;
export type Domain = (typeof Domain)[keyof typeof Domain];

/** Changes when any number of the stream changes; stored with every run. */
export const STREAM_VERSION = 1;

/** Largest seed: seeds are exact integers in a double. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle % 65536);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

/** Philox4x32-10 on four counter words c0 .. c3 under a key of two words: writes four 32-bit words into `out[0..3]`. */
export function philox4x32(
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0);
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2);
    c0 = (high1 ^ c1 ^ key0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ key1) >>> 0;
    c3 = low0 >>> 0;
    key0 = (key0 + W0) >>> 0;
    key1 = (key1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Writes the four 32-bit words of a counter into `out[0..3]`; the key is the seed's low and high word. */
export function philox(
  seed: number,
  index: number,
  sweep: number,
  chain: number,
  domain: number,
  out: Uint32Array,
): void {
  philox4x32(seed >>> 0, Math.floor(seed / 2 ** 32), index, sweep, chain, domain, out);
}

const words = new Uint32Array(4);

/** A uniform integer of 53 bits: 0 .. 2^53 - 1; divided by 2^53 it is a uniform number. */
export function uniform53(seed: number, index: number, sweep: number, chain: number, domain: number): number {
  philox(seed, index, sweep, chain, domain, words);
  return (words[0]! >>> 5) * 2 ** 26 + (words[1]! >>> 6);
}

/** Reads the words of one (seed, sweep, domain) in sequence; used for the order of sites. */
export class WordSequence {
  readonly #seed: number;
  readonly #sweep: number;
  readonly #domain: number;
  readonly #block = new Uint32Array(4);
  #next = 0;

  constructor(seed: number, sweep: number, domain: number) {
    this.#seed = seed;
    this.#sweep = sweep;
    this.#domain = domain;
  }

  word(): number {
    const lane = this.#next & 3;
    if (lane === 0) philox(this.#seed, this.#next >>> 2, this.#sweep, 0, this.#domain, this.#block);
    this.#next++;
    return this.#block[lane]!;
  }

  /** An integer in 0 .. n - 1: the high word of word * n (bias below n / 2^32). */
  below(n: number): number {
    return Math.floor((this.word() * n) / 2 ** 32);
  }

  /** Fisher-Yates, from the last place down to place 1. */
  shuffle(items: Int32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = items[i]!;
      items[i] = items[j]!;
      items[j] = kept;
    }
  }
}
