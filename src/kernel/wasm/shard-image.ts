/** A shard as the kernel keeps it: rows in its own order, listed by feature, and as bitmaps by feature. */
import { InputError, MAX_SHARD_WEIGHT } from '../../posterior/model.js';
import type { Rows } from '../../posterior/rows.js';
import { SUM_TILE_ROWS } from './layout.js';
import { eachLit, rowOrder } from './row-order.js';

export interface ShardImage {
  readonly rows: number;
  /** The first rows, all of weight 1. */
  readonly lightRows: number;
  /** Where each feature's rows of weight 1, then its heavier ones, begin in `lists`: length 2 D + 1. */
  readonly offsets: Uint32Array;
  /** Lit rows by feature, ascending. */
  readonly lists: Uint16Array;
  /** Sum of weights of the lit rows by feature and class, length D K. */
  readonly counts: Int32Array;
  readonly labels: Uint8Array;
  readonly weights: Int32Array;
  /** 64-bit words of a feature's bitmap. */
  readonly words: number;
  /** Bits of the rows that each feature lights, least significant first, feature after feature. */
  readonly bitmaps: Uint8Array;
  /** Rows of weight 1 that each feature lights in each tile of SUM_TILE_ROWS rows, D times the number of tiles. */
  readonly tileCounts: Uint16Array;
}

/** Bits of the rows that each feature lights, 64 rows a word. */
function bitmapsOf(rows: Rows, order: Uint32Array, words: number): Uint8Array {
  const bitmaps = new Uint8Array(rows.features * words * 8);
  order.forEach((from, n) => {
    eachLit(rows, from, (j) => (bitmaps[j * words * 8 + (n >> 3)]! |= 1 << (n & 7)));
  });
  return bitmaps;
}

/**
 * Lays out a shard's rows.
 * @throws InputError when the row weights sum to more than MAX_SHARD_WEIGHT
 */
export function shardImage(rows: Rows, classes: number): ShardImage {
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  if (total > MAX_SHARD_WEIGHT) {
    throw new InputError(`the row weights of a shard sum to ${total}, at most ${MAX_SHARD_WEIGHT} fit`);
  }
  const order = rowOrder(rows);
  const tiles = Math.ceil(rows.count / SUM_TILE_ROWS);
  const tileCounts = new Uint16Array(rows.features * tiles);
  const lightRows = rows.weights.reduce((sum, weight) => sum + (weight === 1 ? 1 : 0), 0);
  const words = Math.ceil(rows.count / 64);
  const counts = new Int32Array(rows.features * classes);
  order.forEach((from, n) => {
    const label = rows.labels[from]!;
    const tile = Math.floor(n / SUM_TILE_ROWS);
    eachLit(rows, from, (j) => {
      counts[j * classes + label]! += rows.weights[from]!;
      if (n < lightRows) tileCounts[j * tiles + tile]!++;
    });
  });
  return {
    rows: rows.count,
    lightRows,
    ...listByFeature(rows, order, lightRows),
    counts,
    labels: Uint8Array.from(order, (from) => rows.labels[from]!),
    weights: Int32Array.from(order, (from) => rows.weights[from]!),
    words,
    bitmaps: bitmapsOf(rows, order, words),
    tileCounts,
  };
}

function listByFeature(
  rows: Rows,
  order: Uint32Array,
  lightRows: number,
): Pick<ShardImage, 'offsets' | 'lists'> {
  const eachEntry = (visit: (list: number, n: number) => void): void => {
    order.forEach((from, n) => eachLit(rows, from, (j) => visit(2 * j + (n < lightRows ? 0 : 1), n)));
  };
  const sizes = new Uint32Array(2 * rows.features);
  eachEntry((list) => sizes[list]!++);
  const offsets = new Uint32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) offsets[i + 1] = offsets[i]! + sizes[i]!;
  const lists = new Uint16Array(offsets[sizes.length]!);
  const next = offsets.slice();
  eachEntry((list, n) => (lists[next[list]!++] = n));
  return { offsets, lists };
}
