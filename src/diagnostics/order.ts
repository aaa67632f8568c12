/** Order statistics: ranks, rank-normal scores, median, quantiles; all as NumPy and SciPy round them. */
import { normalQuantile } from './normal.js';

/** Sequences of equal length: chains, or halves of chains. */
export type Sequences = readonly Float64Array[];

export function sortedValues(sequences: Sequences): Float64Array {
  const length = sequences[0]?.length ?? 0;
  const all = new Float64Array(sequences.length * length);
  sequences.forEach((sequence, i) => all.set(sequence, i * length));
  return all.sort();
}

/**
 * Normal scores of the ranks over all sequences together; ties share their mean rank (Blom 1958; Vehtari et al. 2021).
 * @returns sequences of the same shape
 */
export function rankNormalScores(sequences: Sequences): Float64Array[] {
  const sorted = sortedValues(sequences);
  const scores = new Map<number, number>();
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    const rank = (from + 1 + to) / 2;
    scores.set(sorted[from]!, normalQuantile((rank - 3 / 8) / (sorted.length + 1 / 4)));
  }
  return sequences.map((sequence) => sequence.map((value) => scores.get(value)!));
}

/** @param sorted at least one value, ascending */
export function medianOf(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Where the quantile of R's type 7 lies among n sorted values: between `index` and `index + 1`, `weight` from the first. */
export function quantilePlace(n: number, p: number): { readonly index: number; readonly weight: number } {
  const place = n * p + 1 - p;
  const below = Math.floor(Math.min(Math.max(place, 1), n - 1));
  return { index: below - 1, weight: Math.min(Math.max(place - below, 0), 1) };
}

/** @param sorted at least two values, ascending */
export function quantileOf(sorted: Float64Array, p: number): number {
  const { index, weight } = quantilePlace(sorted.length, p);
  return (1 - weight) * sorted[index]! + weight * sorted[index + 1]!;
}
