/** A chain's state W: one byte a weight while it is worked on, one bit a weight on the wire and on disk. */
import type { Model } from './model.js';
import { firstFreeClass } from './model.js';
import { Domain, uniform53 } from './stream.js';

/** Bits packed least significant first, index j K + k. */
export function packWeights(w: Uint8Array): Uint8Array {
  const packed = new Uint8Array((w.length + 7) >> 3);
  for (let i = 0; i < w.length; i++) if (w[i]) packed[i >> 3]! |= 1 << (i & 7);
  return packed;
}

export function unpackWeights(packed: Uint8Array, length: number): Uint8Array {
  const w = new Uint8Array(length);
  for (let i = 0; i < length; i++) w[i] = (packed[i >> 3]! >> (i & 7)) & 1;
  return w;
}

/** Start of a chain: independent fair bits (not the prior: starts are overdispersed), class 0 zero where pinned. */
export function randomStart(model: Model, seed: number, chain: number): Uint8Array {
  const first = firstFreeClass(model);
  return Uint8Array.from({ length: model.features * model.classes }, (_, i) =>
    i % model.classes >= first && uniform53(seed, i, 0, chain, Domain.start) >= 2 ** 52 ? 1 : 0,
  );
}
