/** Autocovariances of a sequence at all lags, by the fast Fourier transform. */

interface Plan {
  readonly size: number;
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
}

function planFor(size: number): Plan {
  const cosine = new Float64Array(size / 2);
  const sine = new Float64Array(size / 2);
  for (let i = 0; i < size / 2; i++) {
    cosine[i] = Math.cos((2 * Math.PI * i) / size);
    sine[i] = Math.sin((2 * Math.PI * i) / size);
  }
  return { size, cosine, sine };
}

function bitReverse(re: Float64Array, im: Float64Array): void {
  for (let i = 1, j = 0; i < re.length; i++) {
    let bit = re.length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
}

/** In place, radix 2, forward; the length is the plan's size. */
function transform({ size, cosine, sine }: Plan, re: Float64Array, im: Float64Array): void {
  bitReverse(re, im);
  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [a, b] = [start + k, start + k + half];
        const [c, s] = [cosine[k * step]!, sine[k * step]!];
        const x = re[b]! * c + im[b]! * s;
        const y = im[b]! * c - re[b]! * s;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * Autocovariances at lags 0 .. n - 1 with divisor n, averaged over sequences of equal length n.
 * @returns length n
 */
export function meanAutocovariances(sequences: readonly Float64Array[]): Float64Array {
  const length = sequences[0]!.length;
  const plan = planFor(2 ** Math.ceil(Math.log2(2 * length)));
  const power = new Float64Array(plan.size);
  for (const sequence of sequences) {
    const mean = meanOf(sequence);
    const re = new Float64Array(plan.size);
    const im = new Float64Array(plan.size);
    for (let i = 0; i < length; i++) re[i] = sequence[i]! - mean;
    transform(plan, re, im);
    for (let i = 0; i < plan.size; i++) power[i]! += re[i]! ** 2 + im[i]! ** 2;
  }
  // The power spectrum is real and even, so a forward transform inverts it, up to the size.
  transform(plan, power, new Float64Array(plan.size));
  return power.subarray(0, length).map((sum) => sum / (plan.size * length * sequences.length));
}
