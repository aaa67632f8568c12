/** From arrays to checked rows, a model and a plan. */
import { MAX_CLASSES, MIN_CLASSES } from '../posterior/grid.js';
import { buildModel, InputError, type FeatureGrid, type Model } from '../posterior/model.js';
import { checkRows, litFeatures, packRows, type Rows } from '../posterior/rows.js';
import { MAX_SEED } from '../posterior/stream.js';
import { geometricBetasQ, type RunPlan } from '../sampler/run-plan.js';
import { temperedPlan } from '../sampler/tempering/tempering.js';

/** N rows of D features that are 0 or 1: an array a row, or all rows one after the other with `features` given. */
export type FeatureRows = readonly ArrayLike<number>[] | Uint8Array;

export interface SampleInput {
  /** N x D, each 0 or 1. */
  readonly x: FeatureRows;
  /** N labels, whole numbers from 0 to K - 1. */
  readonly y: ArrayLike<number>;
  /** D; needed only where `x` is one flat array. */
  readonly features?: number;
  /** K, from 2 to 32; by default the largest label plus 1. */
  readonly classes?: number;
  /** How often each row counts, whole numbers from 1; by default once. */
  readonly rowWeights?: ArrayLike<number>;
  /** Prior probability that a weight is 1: one, one a class (length K) or one a weight (length D K, index j K + k). */
  readonly pi?: number | readonly number[];
  /** Class 0 has no weights: for K = 2, `logit p = x w`. */
  readonly pinned?: boolean;
  /** The picture that the features form: bits of neighbours are swapped. By default a row of features. */
  readonly grid?: FeatureGrid;
  /** By default 4. */
  readonly chains?: number;
  /** Draws a chain, by default 1,000. */
  readonly draws?: number;
  /** Sweeps a draw, by default 1. */
  readonly thin?: number;
  /** Annealed sweeps before the first draw, by default 120. */
  readonly warmup?: number;
  /** Inverse temperature of the first warm-up sweep, in (0, 1]; by default .12. */
  readonly betaStart?: number;
  /** Seed of the random stream: the same seed gives the same draws, here and from the command line. By default 1. */
  readonly seed?: number;
  /** Parallel tempering: so many replicas of each chain, down to inverse temperature `betaMin` (0, the prior). */
  readonly tempering?: {
    readonly replicas: number;
    readonly betaMin?: number;
    /** Sweeps between two exchanges, 1. */
    readonly exchangeEvery?: number;
  };
}

export interface CheckedInput {
  readonly rows: Rows;
  readonly model: Model;
  readonly plan: RunPlan;
  readonly seed: number;
}

function whole(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new InputError(`${name} must be a whole number from ${low} to ${high}, got ${value}`);
}

/** All features one after the other. */
function flatten(x: FeatureRows, given: number | undefined): { flat: Uint8Array; features: number } {
  if (x instanceof Uint8Array) {
    if (given === undefined) throw new InputError('features must be given where x is one flat array');
    const features = whole('features', given, 1, x.length);
    if (x.length % features !== 0)
      throw new InputError(`x must hold whole rows of ${features} features, got ${x.length} numbers`);
    checkBits(x, features);
    return { flat: x, features };
  }
  if (x.length === 0) throw new InputError('x must hold at least one row');
  const features = whole('features', given ?? x[0]!.length, 1, Number.MAX_SAFE_INTEGER);
  const flat = new Uint8Array(x.length * features);
  x.forEach((row, n) => {
    if (row.length !== features)
      throw new InputError(`x[${n}] must have ${features} features like the first row, got ${row.length}`);
    checkBits(row, features, n);
    flat.set(row, n * features);
  });
  return { flat, features };
}

function checkBits(values: ArrayLike<number>, features: number, first = 0): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0 || values[i] === 1) continue;
    const row = first + Math.floor(i / features);
    throw new InputError(`x[${row}][${i % features}] must be 0 or 1, got ${values[i]}`);
  }
}

function rowsOf({ x, y, features: given, rowWeights }: SampleInput): Rows {
  const { flat, features } = flatten(x, given);
  const count = flat.length / features;
  if (y.length !== count)
    throw new InputError(`y must have ${count} labels, one a row of x, got ${y.length}`);
  const labels = Uint8Array.from(y, (label, n) => whole(`y[${n}]`, label, 0, MAX_CLASSES - 1));
  const rows = packRows(flat, features, labels);
  if (!rowWeights) return rows;
  if (rowWeights.length !== count)
    throw new InputError(`rowWeights must have ${count} numbers, one a row of x, got ${rowWeights.length}`);
  const weights = Uint32Array.from(rowWeights, (weight, n) =>
    whole(`rowWeights[${n}]`, weight, 1, 2 ** 32 - 1),
  );
  return { ...rows, weights };
}

/** @throws InputError in one line that names the field and says what would be right */
export function checkInput(input: SampleInput): CheckedInput {
  const rows = rowsOf(input);
  const shown = rows.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const classes = whole('classes', input.classes ?? Math.max(shown, MIN_CLASSES), MIN_CLASSES, MAX_CLASSES);
  checkRows(rows, classes);
  const { pi, pinned, grid } = input;
  const model = buildModel({
    ...{ features: rows.features, classes, lit: litFeatures(rows) },
    ...(pi === undefined ? {} : { pi }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(grid === undefined ? {} : { grid }),
  });
  return { rows, model, plan: planOf(input), seed: whole('seed', input.seed ?? 1, 0, MAX_SEED) };
}

function planOf({
  chains = 4,
  draws = 1000,
  thin = 1,
  warmup = 120,
  betaStart,
  tempering,
}: SampleInput): RunPlan {
  const plan = {
    chains: whole('chains', chains, 1, 10_000),
    draws: whole('draws', draws, 1, 2 ** 31),
    thin: whole('thin', thin, 1, 2 ** 20),
  };
  const sweeps = whole('warmup', warmup, 0, 2 ** 24);
  if (!tempering) return { ...plan, warmupBetasQ: geometricBetasQ(sweeps, betaStart) };
  const { replicas, betaMin = 0, exchangeEvery = 1 } = tempering;
  const start = betaStart === undefined ? {} : { betaStart };
  return temperedPlan(plan, { sweeps, ...start }, { replicas, betaMin, exchangeEvery });
}
