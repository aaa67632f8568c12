/** A shard as the kernel keeps it: rows in its own order, listed by feature, and packed by blocks of 64 features. */
import { InputError, MAX_SHARD_WEIGHT } from '../../posterior/model.js';
import { rowBytes, type Rows } from '../../posterior/rows.js';
import { BLOCK_FEATURES } from '../../sampler/sites.js';

export interface ShardImage {
  readonly rows: number;
  /** The first rows, all of weight 1. */
  readonly lightRows: number;
  readonly chunks: number;
  readonly lightChunks: number;
  /** First row of each chunk, and the number of rows: length chunks + 1. */
  readonly chunkStarts: Uint32Array;
  /** Where each feature's rows of each chunk begin in `lists`: length D chunks + 1. */
  readonly offsets: Uint32Array;
  /** Lit rows by feature, ascending. */
  readonly lists: Uint16Array;
  /** Sum of weights of the lit rows by feature and class, length D K. */
  readonly counts: Int32Array;
  readonly labels: Uint8Array;
  readonly weights: Int32Array;
  /** Each row's features 64 b .. 64 b + 63 in 8 bytes, block after block. */
  readonly bits: Uint8Array;
}

/** Rows of weight 1 first, so that a chunk's rows can be summed in 16 bits. */
function rowOrder(rows: Rows): Uint32Array {
  const order = new Uint32Array(rows.count);
  let at = 0;
  for (const heavy of [false, true]) {
    for (let n = 0; n < rows.count; n++) if (rows.weights[n]! > 1 === heavy) order[at++] = n;
  }
  return order;
}

function chunkStartsOf(light: number, count: number, chunk: number): number[] {
  const starts: number[] = [];
  for (let n = 0; n < light; n += chunk) starts.push(n);
  for (let n = light; n < count; n += chunk) starts.push(n);
  return starts;
}

/** Calls `visit` with each lit feature of a row, ascending. */
function eachLit(rows: Rows, n: number, visit: (j: number) => void): void {
  const stride = rowBytes(rows.features);
  for (let b = 0; b < stride; b++) {
    for (let byte = rows.bits[n * stride + b]!; byte; byte &= byte - 1) {
      visit(b * 8 + 31 - Math.clz32(byte & -byte));
    }
  }
}

function blockBits(rows: Rows, order: Uint32Array): Uint8Array {
  const stride = rowBytes(rows.features);
  const blockBytes = BLOCK_FEATURES / 8;
  const blocks = Math.ceil(rows.features / BLOCK_FEATURES);
  const bits = new Uint8Array(blocks * rows.count * blockBytes);
  order.forEach((from, n) => {
    for (let b = 0; b < stride; b++) {
      const block = Math.floor(b / blockBytes);
      bits[(block * rows.count + n) * blockBytes + (b % blockBytes)] = rows.bits[from * stride + b]!;
    }
  });
  return bits;
}

/**
 * Lays out a shard's rows.
 * @param chunk rows of a chunk
 * @throws InputError when the row weights sum to more than MAX_SHARD_WEIGHT
 */
export function shardImage(rows: Rows, classes: number, chunk: number): ShardImage {
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  if (total > MAX_SHARD_WEIGHT) {
    throw new InputError(`the row weights of a shard sum to ${total}, at most ${MAX_SHARD_WEIGHT} fit`);
  }
  const order = rowOrder(rows);
  const lightRows = rows.weights.reduce((sum, weight) => sum + (weight === 1 ? 1 : 0), 0);
  const starts = chunkStartsOf(lightRows, rows.count, chunk);
  const chunks = starts.length;
  const lists = listByFeature(rows, order, starts);
  const counts = new Int32Array(rows.features * classes);
  order.forEach((from) => {
    const label = rows.labels[from]!;
    eachLit(rows, from, (j) => (counts[j * classes + label]! += rows.weights[from]!));
  });
  return {
    rows: rows.count,
    lightRows,
    chunks,
    lightChunks: starts.filter((start) => start < lightRows).length,
    chunkStarts: Uint32Array.from([...starts, rows.count]),
    ...lists,
    counts,
    labels: Uint8Array.from(order, (from) => rows.labels[from]!),
    weights: Int32Array.from(order, (from) => rows.weights[from]!),
    bits: blockBits(rows, order),
  };
}

function listByFeature(
  rows: Rows,
  order: Uint32Array,
  starts: readonly number[],
): Pick<ShardImage, 'offsets' | 'lists'> {
  const chunks = starts.length;
  const sizes = new Uint32Array(rows.features * chunks);
  const inChunks = (visit: (n: number, from: number, chunk: number) => void): void => {
    let chunk = -1;
    order.forEach((from, n) => {
      if (n === starts[chunk + 1]) chunk++;
      visit(n, from, chunk);
    });
  };
  inChunks((_, from, chunk) => eachLit(rows, from, (j) => sizes[j * chunks + chunk]!++));
  const offsets = new Uint32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) offsets[i + 1] = offsets[i]! + sizes[i]!;
  const lists = new Uint16Array(offsets[sizes.length]!);
  const next = offsets.slice();
  inChunks((n, from, chunk) => eachLit(rows, from, (j) => (lists[next[j * chunks + chunk]!++] = n)));
  return { offsets, lists };
}
