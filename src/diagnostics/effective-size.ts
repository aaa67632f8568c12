/**
 * Effective sample size with Geyer's initial monotone sequence.
 *
 * C. J. Geyer, Practical Markov chain Monte Carlo, Statistical Science 7 (1992); A. Vehtari, A. Gelman, D. Simpson,
 * B. Carpenter, P.-C. Bürkner, Rank-normalization, folding, and localization: an improved R-hat, Bayesian Analysis 16
 * (2021). Where the paper leaves a choice (ends of sequences, bounds) this follows ArviZ.
 */

/** What the estimate needs to know of m sequences of n draws; they are not all constant and alike. */
export interface SequenceMoments {
  readonly sequences: number;
  readonly length: number;
  /** Variance of the sequences' means, divisor m - 1. */
  readonly varianceOfMeans: number;
  /** Autocovariance (divisor n) averaged over sequences; asked for lags 0, 1, 2, .. in this order, each once. */
  autocovariance(lag: number): number;
}

/** Autocorrelations over all sequences together: 1 - (W - mean autocovariance) / var+, at lags 0, 1, .. as asked for. */
export function autocorrelationAt(moments: SequenceMoments): (lag: number) => number {
  const { length, varianceOfMeans } = moments;
  const atZero = moments.autocovariance(0);
  const within = (atZero * length) / (length - 1);
  const total = atZero + varianceOfMeans;
  return (lag) => (lag === 0 ? 1 : 1 - (within - moments.autocovariance(lag)) / total);
}

interface PositiveSequence {
  readonly rho: Float64Array;
  /** Last lag of the pairs that count. */
  readonly last: number;
}

/** Geyer's initial positive sequence: pairs of lags up to the first pair whose sum is not positive. */
function initialPositive(moments: SequenceMoments): PositiveSequence {
  const { length } = moments;
  const correlation = autocorrelationAt(moments);
  const rho = new Float64Array(length);
  let even = 1;
  let odd = correlation(1);
  rho[0] = even;
  rho[1] = odd;
  let lag = 1;
  for (; lag < length - 3 && even + odd > 0; lag += 2) {
    even = correlation(lag + 1);
    odd = correlation(lag + 2);
    if (even + odd < 0) continue;
    rho[lag + 1] = even;
    rho[lag + 2] = odd;
  }
  if (even > 0) rho[lag - 1] = even;
  return { rho, last: lag - 2 };
}

/** Makes the sums of pairs fall, as those of a reversible chain do. */
function makeMonotone({ rho, last }: PositiveSequence): void {
  for (let lag = 1; lag <= last - 2; lag += 2) {
    const before = rho[lag - 1]! + rho[lag]!;
    if (rho[lag + 1]! + rho[lag + 2]! <= before) continue;
    rho[lag + 1] = before / 2;
    rho[lag + 2] = before / 2;
  }
}

/** Effective number of draws of the mean over all sequences, at most m n log10(m n). */
export function effectiveSize(moments: SequenceMoments): number {
  const draws = moments.sequences * moments.length;
  const sequence = initialPositive(moments);
  makeMonotone(sequence);
  const { rho, last } = sequence;
  let sum = 0;
  for (let lag = 0; lag <= last; lag++) sum += rho[lag]!;
  const time = -1 + 2 * sum + (rho[last + 1] ?? 0);
  return draws / Math.max(time, 1 / Math.log10(draws));
}
