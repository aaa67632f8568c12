/** Ladders of inverse temperatures, ascending integers in 1 / 65,536 that end with beta 1. */
import { BETA_ONE_Q } from '../../posterior/threshold.js';

/** Second rung of a first ladder that begins at beta 0. */
const FIRST_BETA = 1 / 1024;

/** The ladder before anything is known: beta min (and 0 before it, where asked), then rising geometrically to 1. */
export function firstLadder(replicas: number, betaMinQ: number): Int32Array {
  const lowest = betaMinQ === 0 ? 1 : 0;
  const start = betaMinQ === 0 ? FIRST_BETA : betaMinQ / BETA_ONE_Q;
  const steps = replicas - 1 - lowest;
  const betas = Array.from({ length: replicas }, (_, rung) => {
    if (rung < lowest) return 0;
    return steps === 0 ? BETA_ONE_Q : BETA_ONE_Q * start ** (1 - (rung - lowest) / steps);
  });
  return ladderOf(betas);
}

/**
 * The ladder on which all neighbours would reject equally often, by the rejections seen on this one: the communication
 * barrier Lambda(beta), interpolated monotonically, is cut into equal parts (Syed et al. 2022, section 5.3).
 * @param rejections mean rejection probability of each pair of neighbours, length R - 1
 */
export function tunedLadder(betasQ: Int32Array, rejections: ArrayLike<number>): Int32Array {
  const barrier = new Float64Array(betasQ.length);
  for (let i = 1; i < betasQ.length; i++) {
    barrier[i] = barrier[i - 1]! + Math.max(LEAST_REJECTION, rejections[i - 1]!);
  }
  const last = betasQ.length - 1;
  const at = monotoneCurve(barrier, Float64Array.from(betasQ));
  return ladderOf(Array.from(betasQ, (betaQ, i) => (i === 0 ? betaQ : at((barrier[last]! * i) / last))));
}

/** Keeps the barrier rising where no rejection was seen. */
const LEAST_REJECTION = 1e-3;

/** Rounds to integers, all different. */
function ladderOf(betas: readonly number[]): Int32Array {
  const ladder = Int32Array.from(betas, Math.round);
  const last = ladder.length - 1;
  ladder[last] = BETA_ONE_Q;
  for (let i = 1; i < last; i++) ladder[i] = Math.max(ladder[i]!, ladder[i - 1]! + 1);
  for (let i = last - 1; i > 0; i--) ladder[i] = Math.min(ladder[i]!, ladder[i + 1]! - 1);
  return ladder;
}

/** Monotone cubic interpolation (Fritsch and Butland 1984) through points with rising x; only + - * / of doubles. */
function monotoneCurve(x: Float64Array, y: Float64Array): (at: number) => number {
  const n = x.length;
  const slope = (i: number): number => (y[i + 1]! - y[i]!) / (x[i + 1]! - x[i]!);
  const tangents = Float64Array.from({ length: n }, (_, i) => {
    if (i === 0) return slope(0);
    if (i === n - 1) return slope(n - 2);
    const before = slope(i - 1);
    const after = slope(i);
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
  return (at) => {
    let i = 0;
    while (i < n - 2 && at > x[i + 1]!) i++;
    const width = x[i + 1]! - x[i]!;
    const t = (at - x[i]!) / width;
    const s = 1 - t;
    const ends = y[i]! * (1 + 2 * t) * s * s + y[i + 1]! * (1 + 2 * s) * t * t;
    return ends + width * (tangents[i]! * t * s * s - tangents[i + 1]! * s * t * t);
  };
}
