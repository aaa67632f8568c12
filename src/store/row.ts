/** A draw on its way to the arrays, its weights packed, and how it is laid into chunks and read back from them. */
import type { MoveCounts } from '../kernel/kernel.js';
import { NAT_Q } from '../posterior/grid.js';
import type { Model } from '../posterior/model.js';
import { logPriorOfZeros, priorSumQ } from '../posterior/model.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { unpackWeights } from '../posterior/weights.js';
import { noCounts } from '../sampler/moves.js';
import type { ArraySpec } from './arrays.js';
import { elementBytes, MOVES } from './arrays.js';
import { isLadderStatistic, ladderStatistic } from './ladder-row.js';
import type { StoredDraw } from './store.js';

/** A draw or warm-up draw as it is held: weights packed as by `packWeights`. */
export interface PackedDraw extends Omit<StoredDraw, 'w' | 'draw'> {
  /** See sections.ts. */
  readonly record: number;
  readonly packed: Uint8Array;
}

export interface Row extends PackedDraw {
  /** Log-likelihood + log prior, nat. */
  readonly lp: number;
  /** Inverse temperature of the last sweep. */
  readonly beta: number;
}

/** @param from first record of the draw's section */
export function unpackDraw(draw: PackedDraw, weights: number, from: number): StoredDraw {
  const { packed, record, chain, sweep, logLikQ, counts, ladder } = draw;
  const state = { chain, draw: record - from, sweep, w: unpackWeights(packed, weights), logLikQ, counts };
  return ladder ? { ...state, ladder } : state;
}

/**
 * Adds to draws of a model what the arrays tell beside them.
 * @param warmupBetasQ as in RunPlan
 */
export function rowMaker(model: Model, warmupBetasQ: ArrayLike<number>): (draw: PackedDraw) => Row {
  const zeros = logPriorOfZeros(model);
  return (draw) => {
    const w = unpackWeights(draw.packed, model.features * model.classes);
    const lp = (draw.logLikQ + priorSumQ(model, w)) / NAT_Q + zeros;
    return { ...draw, lp, beta: (warmupBetasQ[draw.sweep] ?? BETA_ONE_Q) / BETA_ONE_Q };
  };
}

type Column = Float64Array | Float32Array | BigInt64Array | Int32Array;

/** An uncompressed chunk of a statistic as numbers. */
export function columnOf(spec: ArraySpec, raw: Uint8Array): Column {
  const length = raw.length / elementBytes(spec.dataType as 'float64');
  if (spec.dataType === 'float64') return new Float64Array(raw.buffer, raw.byteOffset, length);
  if (spec.dataType === 'float32') return new Float32Array(raw.buffer, raw.byteOffset, length);
  if (spec.dataType === 'int32') return new Int32Array(raw.buffer, raw.byteOffset, length);
  return new BigInt64Array(raw.buffer, raw.byteOffset, length);
}

/** A chunk in which no draw has been written. */
export function emptyChunk(spec: ArraySpec): Uint8Array {
  const raw = new Uint8Array(rawBytes(spec));
  if (typeof spec.fill !== 'number') return raw;
  const column = columnOf(spec, raw);
  if (column instanceof BigInt64Array) column.fill(BigInt(spec.fill));
  else column.fill(spec.fill);
  return raw;
}

export function rawBytes(spec: ArraySpec): number {
  return spec.chunk.reduce((product, side) => product * side, elementBytes(spec.dataType as 'bool'));
}

function statistic(name: string, row: Row): number {
  if (name === 'lp') return row.lp;
  if (name === 'log_likelihood') return row.logLikQ / NAT_Q;
  if (name === 'log_lik_q') return row.logLikQ;
  return name === 'sweep' ? row.sweep : row.beta;
}

function moveStatistic(name: string, counts: MoveCounts, move: (typeof MOVES)[number]): number {
  const proposed = counts[`${move}Proposed`];
  const accepted = counts[`${move}Accepted`];
  if (name === 'proposed') return proposed;
  return name === 'accepted' ? accepted : proposed === 0 ? NaN : accepted / proposed;
}

function put(column: Column, at: number, value: number): void {
  if (column instanceof BigInt64Array) column[at] = BigInt(value);
  else column[at] = value;
}

/**
 * Lays a draw into a chunk of a statistic.
 * @param index chain within the chunk times draws of the chunk, plus draw within the chunk
 */
export function putStatistic(spec: ArraySpec, column: Column, index: number, row: Row): void {
  if (row.ladder && isLadderStatistic(spec.name)) {
    const values = ladderStatistic(spec.name, row.ladder);
    return values.forEach((value, i) => put(column, index * values.length + i, value));
  }
  if (spec.dims.length === 2) return put(column, index, statistic(spec.name, row));
  MOVES.forEach((move, m) =>
    put(column, index * MOVES.length + m, moveStatistic(spec.name, row.counts, move)),
  );
}

/**
 * Lays a draw's weights into an uncompressed chunk, whose draws are innermost.
 * @param weights D K
 * @param draws draws of the chunk
 */
export function putWeights(
  raw: Uint8Array,
  weights: number,
  draws: number,
  index: number,
  packed: Uint8Array,
): void {
  const chain = Math.floor(index / draws);
  let at = chain * weights * draws + (index - chain * draws);
  for (let i = 0; i < weights; i++, at += draws) raw[at] = (packed[i >> 3]! >> (i & 7)) & 1;
}

/** The reverse of `putWeights`. */
export function takeWeights(raw: Uint8Array, weights: number, draws: number, index: number): Uint8Array {
  const chain = Math.floor(index / draws);
  const packed = new Uint8Array((weights + 7) >> 3);
  let at = chain * weights * draws + (index - chain * draws);
  for (let i = 0; i < weights; i++, at += draws) packed[i >> 3]! |= raw[at]! << (i & 7);
  return packed;
}

/** Counts from chunks of the arrays `proposed` and `accepted`. */
export function takeCounts(proposed: Column, accepted: Column, index: number): MoveCounts {
  const counts = noCounts();
  MOVES.forEach((move, m) => {
    counts[`${move}Proposed`] = Number(proposed[index * MOVES.length + m]);
    counts[`${move}Accepted`] = Number(accepted[index * MOVES.length + m]);
  });
  return counts;
}
