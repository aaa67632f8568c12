/**
 * The model: `z[n,k] = sum_j x[n,j] w[j,k]`, `w[j,k] ~ Bernoulli(pi[j,k])`, `y[n] ~ Categorical(softmax(z[n]))`.
 * A weight's index is `j K + k`.
 */
import { MAX_CLASSES, MIN_CLASSES, NAT_Q } from './grid.js';

/** Sum of the row weights of one shard is at most this, so a shard's partial delta fits int32 and a row index 16 bits. */
export const MAX_SHARD_WEIGHT = 65536;
/** Sum of all row weights is below this, so that every delta stays below the threshold NEVER_Q. */
export const MAX_TOTAL_WEIGHT = 524287;
/** Lit features a row: logits are int16. */
export const MAX_LIT_PER_ROW = 32766;
export const MAX_FEATURES = 65535;

/** Features on a rows x columns picture; swap moves join 8-neighbours. A plain table is 1 x D. */
export interface FeatureGrid {
  readonly rows: number;
  readonly columns: number;
}

export interface Model {
  /** D */
  readonly features: number;
  /** K, from 2 to 32 */
  readonly classes: number;
  /** Class 0 has no weights (all zero): the one-column form `logit p = x w`. */
  readonly pinned: boolean;
  /** Prior log-odds of each weight on the grid, length D K, index j K + k. */
  readonly priorQ: Int32Array;
  readonly grid: FeatureGrid;
  /** 1 for features lit in some row of the whole data set, length D. */
  readonly lit: Uint8Array;
}

/** Bad input: the message is one line that names the field and says what would be right. */
export class InputError extends Error {
  override name = 'InputError';
}

/** Prior log-odds `ln(pi / (1 - pi))` rounded once to the grid. */
export function logOddsQ(pi: number): number {
  if (!(pi > 0 && pi < 1)) throw new InputError(`prior pi must lie strictly between 0 and 1, got ${pi}`);
  return Math.round(NAT_Q * Math.log(pi / (1 - pi)));
}

/** Classes that carry weights: 0 .. K-1, or 1 .. K-1 with a pinned class 0. */
export function firstFreeClass(model: Pick<Model, 'pinned'>): number {
  return model.pinned ? 1 : 0;
}

export interface ModelSpec {
  readonly features: number;
  readonly classes: number;
  readonly pinned?: boolean;
  /** One pi, one a class (length K) or one a weight (length D K). */
  readonly pi?: number | readonly number[];
  readonly grid?: FeatureGrid;
  readonly lit: Uint8Array;
}

function integerWithin(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new InputError(`${name} must be a whole number from ${low} to ${high}, got ${value}`);
  }
}

function priorTable(spec: ModelSpec): Int32Array {
  const { features, classes } = spec;
  const pi = spec.pi ?? 0.5;
  const table = new Int32Array(features * classes);
  if (typeof pi === 'number') return table.fill(logOddsQ(pi));
  if (pi.length !== classes && pi.length !== features * classes) {
    throw new InputError(
      `prior pi must be one number, ${classes} (one a class) or ${features * classes} (one a weight), got ${pi.length}`,
    );
  }
  for (let i = 0; i < table.length; i++) table[i] = logOddsQ(pi[pi.length === classes ? i % classes : i]!);
  return table;
}

/** Checks a specification and builds the model. @throws InputError */
export function buildModel(spec: ModelSpec): Model {
  integerWithin('features', spec.features, 1, MAX_FEATURES);
  integerWithin('classes', spec.classes, MIN_CLASSES, MAX_CLASSES);
  const grid = spec.grid ?? { rows: 1, columns: spec.features };
  integerWithin('grid rows', grid.rows, 1, spec.features);
  if (grid.rows * grid.columns !== spec.features) {
    throw new InputError(`grid ${grid.rows}x${grid.columns} must hold ${spec.features} features`);
  }
  if (spec.lit.length !== spec.features) {
    throw new InputError(`lit must have ${spec.features} entries, got ${spec.lit.length}`);
  }
  if (spec.lit.some((lit) => lit > 1)) throw new InputError('lit must hold only 0 and 1');
  return {
    features: spec.features,
    classes: spec.classes,
    pinned: spec.pinned ?? false,
    priorQ: priorTable(spec),
    grid,
    lit: spec.lit,
  };
}

/** Sum of the prior log-odds of the weights that are 1, on the grid; w has one byte a weight. */
export function priorSumQ(model: Model, w: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < w.length; i++) if (w[i]) sum += model.priorQ[i]!;
  return sum;
}

/** Log prior of all weights being 0, in nat: `sum ln(1 - pi)`, with pi as rounded to the grid. */
export function logPriorOfZeros(model: Model): number {
  const first = firstFreeClass(model);
  let sum = 0;
  for (let i = 0; i < model.priorQ.length; i++) {
    if (i % model.classes >= first) sum -= Math.log1p(Math.exp(model.priorQ[i]! / NAT_Q));
  }
  return sum;
}

/** lp in nat: log-likelihood plus log prior. */
export function logPosterior(model: Model, w: Uint8Array, logLikQ: number): number {
  return (logLikQ + priorSumQ(model, w)) / NAT_Q + logPriorOfZeros(model);
}
