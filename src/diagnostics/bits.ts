/** Bits in 32-bit words, the first in bit 0. */

export function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function bitAt(words: Uint32Array, i: number): number {
  return (words[i >> 5]! >>> (i & 31)) & 1;
}

/** Copies `length` bits from bit `start` on; what is left of the target becomes 0. */
export function copyBits(source: Uint32Array, start: number, length: number, target: Uint32Array): void {
  const shift = start & 31;
  const apart = start >> 5;
  target.fill(0);
  for (let i = 0; i < (length + 31) >> 5; i++) {
    // A shift by 32 would be one by 0.
    target[i] = (source[i + apart]! >>> shift) | (((source[i + apart + 1] ?? 0) << 1) << (31 - shift));
  }
  if (length & 31) target[length >> 5]! &= (1 << (length & 31)) - 1;
}

/** Number of i with bits i and i + lag both set. @param words all bits, with one word of zeros behind them */
export function pairsApart(words: Uint32Array, lag: number): number {
  const shift = lag & 31;
  const apart = lag >> 5;
  let sum = 0;
  for (let at = 0; at + apart + 1 < words.length; at++) {
    const later = (words[at + apart]! >>> shift) | ((words[at + apart + 1]! << 1) << (31 - shift));
    sum += popcount(words[at]! & later);
  }
  return sum;
}

/** Where the bits change, with zeros before the first and after the last: starts and ends of runs of ones, in turn. */
export function edgesOf(words: Uint32Array, length: number): number[] {
  const edges: number[] = [];
  let last = 0;
  for (let at = 0; at < words.length; at++) {
    let changes = words[at]! ^ ((words[at]! << 1) | last);
    last = words[at]! >>> 31;
    for (; changes !== 0; changes &= changes - 1) {
      const edge = 32 * at + 31 - Math.clz32(changes & -changes);
      if (edge < length) edges.push(edge);
    }
  }
  // With an odd number of edges the last run goes on to the end.
  if (edges.length % 2 === 1) edges.push(length);
  return edges;
}

/** Set bits, and changes between neighbours, among the first `length` bits. */
export function onesAndFlips(words: Uint32Array, length: number): { ones: number; flips: number } {
  let ones = 0;
  let flips = 0;
  for (let i = 0; 32 * i < length; i++) {
    const left = length - 32 * i;
    const word = left >= 32 ? words[i]! : words[i]! & ((1 << left) - 1);
    ones += popcount(word);
    const next = (word >>> 1) | (left > 32 ? words[i + 1]! << 31 : 0);
    flips += popcount((word ^ next) & (left > 32 ? -1 : (1 << (left - 1)) - 1));
  }
  return { ones, flips };
}
