/**
 * Diagnostics of one number a draw: rank-normalised split R-hat, bulk and tail effective sample size, Monte Carlo errors
 * (Vehtari et al. 2021, see effective-size.ts), equal to ArviZ's, NaN and infinity included.
 */
import { meanAutocovariances, meanOf } from './autocovariance.js';
import { autocorrelationAt, effectiveSize, type SequenceMoments } from './effective-size.js';
import { medianOf, quantileOf, rankNormalScores, type Sequences, sortedValues } from './order.js';

/** A row of the usual table. */
export interface Estimate {
  readonly mean: number;
  /** Divisor draws - 1. */
  readonly sd: number;
  readonly mcseMean: number;
  readonly mcseSd: number;
  readonly essBulk: number;
  readonly essTail: number;
  /** NaN with one chain, and where every draw is the same. */
  readonly rhat: number;
}

/** Fewer draws a chain than this have no diagnostics: all of them are NaN. */
export const LEAST_DRAWS = 4;

/** Values closer together than this are one value. */
const RESOLUTION = 1e-15;

/** First and last half of each chain; the middle draw of an odd number is left out. */
function splitChains(chains: Sequences): Float64Array[] {
  const half = chains[0]!.length >> 1;
  return [
    ...chains.map((chain) => chain.subarray(0, half)),
    ...chains.map((chain) => chain.subarray(chain.length - half)),
  ];
}

/** Divisor n - 1; exactly 0 where all values are the same, whatever rounding does to their mean. */
export function varianceOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let sum = 0;
  let same = true;
  for (let i = 0; i < values.length; i++) {
    sum += (values[i]! - mean) ** 2;
    same &&= values[i] === values[0];
  }
  return same ? 0 : sum / (values.length - 1);
}

function momentsOf(sequences: Sequences): SequenceMoments {
  const covariances = meanAutocovariances(sequences);
  return {
    sequences: sequences.length,
    length: sequences[0]!.length,
    varianceOfMeans: varianceOf(sequences.map(meanOf)),
    autocovariance: (lag) => covariances[lag]!,
  };
}

function essOf(sequences: Sequences): number {
  const sorted = sortedValues(sequences);
  if (sorted.at(-1)! - sorted[0]! < RESOLUTION) return sorted.length;
  return effectiveSize(momentsOf(sequences));
}

/** R-hat from the mean variance within m sequences of n draws and the variance of their means. */
export function rhatFrom(length: number, within: number, varianceOfMeans: number): number {
  return Math.sqrt(((length * varianceOfMeans) / within + length - 1) / length);
}

function rhatOf(sequences: Sequences): number {
  const within = meanOf(sequences.map(varianceOf));
  return rhatFrom(sequences[0]!.length, within, varianceOf(sequences.map(meanOf)));
}

/** The larger R-hat of rank-normal scores, of the values and of their distances from the median. */
function rankRhat(halves: Sequences, scores: Sequences): number {
  const median = medianOf(sortedValues(halves));
  const folded = halves.map((half) => half.map((value) => Math.abs(value - median)));
  const bulk = rhatOf(scores);
  const tail = rhatOf(rankNormalScores(folded));
  // NaN (constant distances) never wins over a number.
  return tail > bulk ? tail : bulk;
}

function tailEss(chains: Sequences): number {
  const sorted = sortedValues(chains);
  const sizes = [0.05, 0.95].map((p) => {
    const bound = quantileOf(sorted, p);
    return essOf(splitChains(chains.map((chain) => chain.map((value) => (value <= bound ? 1 : 0)))));
  });
  return Math.min(...sizes);
}

/** Monte Carlo error of the standard deviation, by that of the squared distances from the mean. */
function errorOfSd(chains: Sequences, mean: number): number {
  const squares = chains.map((chain) => chain.map((value) => (value - mean) ** 2));
  const variance = meanOf(squares.map(meanOf));
  const fourth = meanOf(squares.map((square) => meanOf(square.map((value) => value ** 2))));
  // Squares that are all alike (bits with a mean of a half) leave a difference of rounding errors, of either sign.
  const varianceError = Math.max(0, fourth - variance ** 2) / essOf(splitChains(squares));
  return Math.sqrt(varianceError / variance / 4);
}

/**
 * The table's row for one quantity.
 * @param chains at least one, all with the same number of draws
 */
export function estimate(chains: Sequences): Estimate {
  const mean = meanOf(chains.map(meanOf));
  const squares = chains.reduce(
    (sum, chain) => sum + chain.reduce((s, value) => s + (value - mean) ** 2, 0),
    0,
  );
  const draws = chains[0]!.length;
  // Rounding of the mean must not make a constant look as if it moved.
  const same = chains.every((chain) => chain.every((value) => value === chains[0]![0]));
  const sd = same ? 0 : Math.sqrt(squares / (chains.length * draws - 1));
  if (draws < LEAST_DRAWS) {
    return { mean, sd, mcseMean: NaN, mcseSd: NaN, essBulk: NaN, essTail: NaN, rhat: NaN };
  }
  const halves = splitChains(chains);
  const scores = rankNormalScores(halves);
  return {
    mean,
    sd,
    mcseMean: sd / Math.sqrt(essOf(halves)),
    mcseSd: errorOfSd(chains, mean),
    essBulk: essOf(scores),
    essTail: tailEss(chains),
    rhat: chains.length > 1 ? rankRhat(halves, scores) : NaN,
  };
}

/**
 * Autocorrelation over all chains together (chains that disagree never come down to 0).
 * @returns lags 0 .. `lags`, fewer where the chains are shorter; empty where every draw is the same
 */
export function autocorrelations(chains: Sequences, lags: number): Float64Array {
  const sorted = sortedValues(chains);
  if (!(sorted.at(-1)! - sorted[0]! >= RESOLUTION)) return new Float64Array(0);
  const at = autocorrelationAt({
    ...momentsOf(chains),
    ...(chains.length < 2 ? { varianceOfMeans: 0 } : {}),
  });
  return Float64Array.from({ length: Math.min(lags + 1, chains[0]!.length) }, (_, lag) => at(lag));
}
