/**
 * The exact posterior of two classes over few pixels. The likelihood depends on w only through the differences
 * d_j = w_j1 - w_j0 in {-1, 0, 1}, so that 3^pixels states are all there are; with pi = 1/2 a 0 stands for two states of w.
 */
import { isLit, packRows, type Rows } from '../../src/posterior/rows.js';

/** Posterior probabilities of a pixel's difference. */
export interface Difference {
  less: number;
  equal: number;
  more: number;
}

/** Rows of which only the most lit pixels stay lit. */
export function onlyPixels(
  rows: Rows,
  count: number,
): { readonly rows: Rows; readonly pixels: readonly number[] } {
  const lit = Array.from({ length: rows.features }, (_, j) => ({ j, times: timesLit(rows, j) }));
  const pixels = lit
    .sort((a, b) => b.times - a.times || a.j - b.j)
    .slice(0, count)
    .map(({ j }) => j)
    .sort((a, b) => a - b);
  return { rows: mask(rows, pixels), pixels };
}

function timesLit(rows: Rows, j: number): number {
  let times = 0;
  for (let n = 0; n < rows.count; n++) if (isLit(rows, n, j)) times += rows.weights[n]!;
  return times;
}

function mask(rows: Rows, pixels: readonly number[]): Rows {
  const dense = new Uint8Array(rows.count * rows.features);
  for (let n = 0; n < rows.count; n++) {
    for (const j of pixels) if (isLit(rows, n, j)) dense[n * rows.features + j] = 1;
  }
  return packRows(dense, rows.features, rows.labels, rows.weights);
}

/** Pictures of chosen pixels that occur, and how many of each class are such. */
interface Pictures {
  /** By picture, its bits by chosen pixel. */
  readonly lit: readonly (readonly number[])[];
  /** By picture, rows of class 0 and of class 1. */
  readonly counts: readonly (readonly [number, number])[];
}

function picturesOf(rows: Rows, pixels: readonly number[]): Pictures {
  const found = new Map<string, [number, number]>();
  for (let n = 0; n < rows.count; n++) {
    const key = pixels.map((j) => (isLit(rows, n, j) ? '1' : '0')).join('');
    const counts = found.get(key) ?? [0, 0];
    counts[rows.labels[n]!]! += rows.weights[n]!;
    found.set(key, counts);
  }
  return { lit: [...found.keys()].map((key) => [...key].map(Number)), counts: [...found.values()] };
}

/** Log-likelihood and prior, up to a constant, of every difference vector; the first pixel changes slowest. */
function logPosteriors({ lit, counts }: Pictures, pixels: number): Float64Array {
  const values = new Float64Array(3 ** pixels);
  // log p(class) by z1 - z0, from -pixels to pixels.
  const logOne = Float64Array.from({ length: 2 * pixels + 1 }, (_, i) => -Math.log1p(Math.exp(pixels - i)));
  const logZero = logOne.slice().reverse();
  const z = new Int32Array(lit.length).fill(pixels);
  const withPixel = Array.from({ length: pixels }, (_, j) => lit.flatMap((bits, i) => (bits[j] ? [i] : [])));
  let next = 0;
  const descend = (pixel: number, logPrior: number): void => {
    if (pixel === pixels) {
      let sum = logPrior;
      for (let i = 0; i < z.length; i++)
        sum += counts[i]![0] * logZero[z[i]!]! + counts[i]![1] * logOne[z[i]!]!;
      values[next++] = sum;
      return;
    }
    for (const difference of [-1, 0, 1]) {
      for (const i of withPixel[pixel]!) z[i]! += difference;
      descend(pixel + 1, logPrior + (difference === 0 ? Math.LN2 : 0));
      for (const i of withPixel[pixel]!) z[i]! -= difference;
    }
  };
  descend(0, 0);
  return values;
}

/** The posterior of each of the pixels' differences, every row having other pixels unlit. */
export function exactDifferences(rows: Rows, pixels: readonly number[]): Difference[] {
  const values = logPosteriors(picturesOf(rows, pixels), pixels.length);
  const most = values.reduce((a, b) => Math.max(a, b));
  const total = values.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return pixels.map((_, j) => {
    const stride = 3 ** (pixels.length - 1 - j);
    const shares = [0, 0, 0];
    values.forEach((value, state) => {
      shares[Math.floor(state / stride) % 3]! += Math.exp(value - most) / total;
    });
    const [less, equal, more] = shares as [number, number, number];
    return { less, equal, more };
  });
}
