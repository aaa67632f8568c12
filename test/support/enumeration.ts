/** Posteriors of small models by going through every state. */
import { NAT_Q } from '../../src/posterior/grid.js';
import { firstFreeClass, type Model } from '../../src/posterior/model.js';
import { isLit, type Rows } from '../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../src/posterior/threshold.js';
import { priorSumQ } from '../../src/posterior/model.js';
import { logitsOf, referenceShard, ReferenceSlot } from './reference-slot.js';

const MOST_BITS = 16;

/** Indices j K + k of the weights that are free; bit b of a state's number is weight `freeWeights[b]`. */
export function freeWeights(model: Model): number[] {
  const first = firstFreeClass(model);
  const all = Array.from({ length: model.features * model.classes }, (_, i) => i);
  return all.filter((i) => i % model.classes >= first);
}

/** Every state, one byte a weight, in the order of their numbers. */
export function allStates(model: Model): Uint8Array[] {
  const free = freeWeights(model);
  if (free.length > MOST_BITS) throw new RangeError(`${free.length} bits are too many to enumerate`);
  return Array.from({ length: 2 ** free.length }, (_, state) => {
    const w = new Uint8Array(model.features * model.classes);
    free.forEach((i, b) => (w[i] = (state >> b) & 1));
    return w;
  });
}

/** Number of a state, from its free weights. */
export function stateNumber(free: readonly number[], w: Uint8Array): number {
  let number = 0;
  for (let b = 0; b < free.length; b++) number += w[free[b]!]! << b;
  return number;
}

/** Probabilities from their logarithms, up to a constant, in nat. */
function normalised(logs: readonly number[]): Float64Array {
  const max = logs.reduce((a, b) => Math.max(a, b));
  const masses = Float64Array.from(logs, (log) => Math.exp(log - max));
  const sum = masses.reduce((a, b) => a + b);
  return masses.map((mass) => mass / sum);
}

/** The posterior of the integer arithmetic at inverse temperature betaQ / 65,536, by state number. */
export function integerPosterior(model: Model, rows: Rows, betaQ = BETA_ONE_Q): Float64Array {
  const shard = referenceShard(rows);
  const logs = allStates(model).map((w) => {
    const slot = new ReferenceSlot(model, [shard], { slot: 0, shards: [], owners: model.lit, self: 1 }, w);
    const logLikQ = slot.logLikQ([logitsOf(shard, w, model.classes)]);
    return ((betaQ / BETA_ONE_Q) * logLikQ + priorSumQ(model, w)) / NAT_Q;
  });
  return normalised(logs);
}

export interface ExactPosterior {
  /** By state number. */
  readonly probabilities: Float64Array;
  /** Log-likelihood in nat by state number. */
  readonly logLik: Float64Array;
}

/**
 * The posterior in double precision, straight from the model's formulas: no grid, no table, no code of the sampler.
 * @param pi one probability a weight, index j K + k
 */
export function exactPosterior(model: Model, rows: Rows, pi: (i: number) => number): ExactPosterior {
  const { features, classes } = model;
  const free = freeWeights(model);
  const lit = Array.from({ length: rows.count }, (_, n) =>
    Array.from({ length: features }, (_, j) => j).filter((j) => isLit(rows, n, j)),
  );
  const states = allStates(model);
  const logLik = Float64Array.from(states, (w) =>
    lit.reduce((sum, x, n) => {
      const z = Array.from({ length: classes }, (_, k) => x.reduce((zk, j) => zk + w[j * classes + k]!, 0));
      const logNormaliser = Math.log(z.reduce((total, zk) => total + Math.exp(zk), 0));
      return sum + rows.weights[n]! * (z[rows.labels[n]!]! - logNormaliser);
    }, 0),
  );
  const logPrior = (w: Uint8Array): number =>
    free.reduce((sum, i) => sum + Math.log(w[i] ? pi(i) : 1 - pi(i)), 0);
  return { probabilities: normalised(states.map((w, s) => logLik[s]! + logPrior(w))), logLik };
}

/** States that differ from the last in one bit, so that as many as 2^20 can be gone through. */
const MOST_GRAY_BITS = 20;

/**
 * P(w = 1 | data) of each weight in double precision, by going through all states in the order of a Gray code.
 * @param pi one probability for all weights
 * @returns length D K; 0 where a weight is pinned
 */
export function exactMarginals(model: Model, rows: Rows, pi: number): Float64Array {
  const { features, classes } = model;
  const free = freeWeights(model);
  if (free.length > MOST_GRAY_BITS) throw new RangeError(`${free.length} bits are too many to enumerate`);
  const lit = Array.from({ length: features }, (_, j) =>
    Array.from({ length: rows.count }, (_, n) => n).filter((n) => isLit(rows, n, j)),
  );
  const z = new Float64Array(rows.count * classes);
  const logLik = (n: number): number => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(z[n * classes + k]!);
    return rows.weights[n]! * (z[n * classes + rows.labels[n]!]! - Math.log(sum));
  };
  let lp = 0;
  for (let n = 0; n < rows.count; n++) lp += logLik(n);
  // Relative to the state of zeros; likelihoods of so few rows don't leave the range of doubles.
  const origin = lp;
  const w = new Uint8Array(features * classes);
  const mass = new Float64Array(features * classes);
  let total = 0;
  for (let state = 1; ; state++) {
    const p = Math.exp(lp - origin);
    total += p;
    for (const i of free) if (w[i]) mass[i]! += p;
    if (state === 2 ** free.length) break;
    const i = free[31 - Math.clz32(state & -state)]!;
    const step = w[i] ? -1 : 1;
    w[i] = w[i] ? 0 : 1;
    lp += step * Math.log(pi / (1 - pi));
    for (const n of lit[Math.floor(i / classes)]!) {
      lp -= logLik(n);
      z[n * classes + (i % classes)]! += step;
      lp += logLik(n);
    }
  }
  return mass.map((own) => own / total);
}
