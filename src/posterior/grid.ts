/**
 * Integer likelihood arithmetic on a grid of 2^-12 nat.
 *
 * `E[d] = round(2^18 exp(-d))`, `S(z) = sum_k E[max z - z_k]`,
 * `lse(z) = 4096 max z + LN[S(z) >> 6]`, `LN[i] = round(4096 ln((i + 1/2) / 4096))`.
 * No entry lies near a rounding tie, so every libm gives the same tables.
 * Quantities on the grid carry the suffix `Q`: 4096 Q = 1 nat.
 */

/** Grid points per nat. */
export const NAT_Q = 4096;

/** E is zero from this distance on; a class this far below the maximum before and after a flip leaves a row untouched. */
export const E_ZERO_FROM = 14;
export const FAR = E_ZERO_FROM + 1;

export const MIN_CLASSES = 2;
export const MAX_CLASSES = 32;

const E_LENGTH = 64;

/** `E[d]` for d = 0 .. 63. */
export const E: Int32Array = Int32Array.from({ length: E_LENGTH }, (_, d) =>
  Math.round(2 ** 18 * Math.exp(-d)),
);

/** `LN[i]` for i = 4096 .. 131,072 (32 classes); entries below 4096 are never read and are 0. */
export const LN: Int16Array = Int16Array.from({ length: MAX_CLASSES * 4096 + 1 }, (_, i) =>
  i < 4096 ? 0 : Math.round(4096 * Math.log((i + 0.5) / 4096)),
);

/**
 * Log-normaliser of one image's logits, on the grid.
 * @param z logits, at least `classes` integers from `offset` on
 */
export function logSumExpQ(z: ArrayLike<number>, classes: number, offset = 0): number {
  let max = z[offset]!;
  for (let k = 1; k < classes; k++) max = Math.max(max, z[offset + k]!);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const distance = max - z[offset + k]!;
    if (distance < E_ZERO_FROM) sum += E[distance]!;
  }
  return NAT_Q * max + LN[sum >> 6]!;
}

/** Log-likelihood of one image with label y, on the grid: `4096 z_y - lse(z)`. */
export function imageLogLikQ(z: ArrayLike<number>, y: number, classes: number, offset = 0): number {
  return NAT_Q * z[offset + y]! - logSumExpQ(z, classes, offset);
}
