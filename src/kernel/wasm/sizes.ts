/** What things take in the memory, for planning and for the pool. */
import { firstFreeClass, type Model } from '../../posterior/model.js';
import { BLOCK_FEATURES, neighbourPairs, type Moves, type NeighbourPairs } from '../../sampler/sites.js';
import { roundUp } from './allocator.js';
import {
  COARSE_ROWS,
  COARSE_ROWS_AT,
  LOG_BYTES,
  SEGMENT_BYTES,
  SLOT_SEGMENT_LIST,
  SUM_TILE_ROWS,
} from './layout.js';

/** Reading whole vectors may go past the end of what is read by less than this. */
export const OVERREAD_BYTES = 64;

/** Bytes of an image's row: 2K flip entries, K logits and g, 16 bits each, in whole vectors. */
export function rowStride(classes: number): number {
  return roundUp(6 * classes + 2, 16);
}

/** Bytes of one feature's sums in a block: 2K int32 lanes, in whole pairs of vectors. */
export function blockSumBytes(classes: number): number {
  return roundUp(8 * classes, 32);
}

/** Room for a thread's coarse rows, a byte for each of 2K entries, in whole groups of 4. */
export function coarseBytes(classes: number): number {
  return COARSE_ROWS_AT + COARSE_ROWS * roundUp(2 * classes, 4) + OVERREAD_BYTES;
}

/** Row weight of a tile: sums of as many table entries of at most 4,096 stay below 2^24. */
export const TILE_WEIGHT = 4000;
/** Slots whose rows lie side by side in a tile. */
export const TILE_SLOTS = 8;

/** Room for a tile, f32[rows][slots][2K]. */
export function tileBytes(classes: number): number {
  return TILE_WEIGHT * TILE_SLOTS * 8 * classes + OVERREAD_BYTES;
}

/** Model and moves, with what follows from them. */
export interface Sizes {
  readonly model: Model;
  readonly moves: Moves;
  readonly stride: number;
  readonly pairs: NeighbourPairs;
  /** Sites of a sweep. */
  readonly sites: number;
  readonly blocks: number;
  readonly rowMoves: boolean;
}

const NO_PAIRS: NeighbourPairs = { count: 0, first: new Int32Array(0), second: new Int32Array(0) };

export function sizesOf(model: Model, moves: Moves): Sizes {
  const free = model.classes - firstFreeClass(model);
  const pairs = moves.swaps ? neighbourPairs(model) : NO_PAIRS;
  const rowMoves = moves.rows && !model.pinned;
  const litCount = model.lit.reduce((sum, lit) => sum + lit, 0);
  return {
    model,
    moves,
    stride: rowStride(model.classes),
    pairs,
    sites: model.features * free + (rowMoves ? litCount : 0) + pairs.count * free,
    blocks: Math.ceil(model.features / BLOCK_FEATURES),
    rowMoves,
  };
}

/** Bytes of each part of a slot, in the order they lie in its range. */
export function slotParts(
  sizes: Sizes,
  rowCounts: readonly number[],
): Record<'head' | 'weights' | 'owners' | 'log' | 'blockSums' | 'changed', number> & {
  readonly rows: readonly number[];
} {
  const { model } = sizes;
  return {
    head: roundUp(SLOT_SEGMENT_LIST + rowCounts.length * SEGMENT_BYTES),
    weights: roundUp(model.features * model.classes + OVERREAD_BYTES),
    owners: roundUp(model.features),
    log: roundUp(sizes.sites * LOG_BYTES),
    blockSums: BLOCK_FEATURES * blockSumBytes(model.classes),
    changed: roundUp(4 * sizes.blocks),
    rows: rowCounts.map((count) => roundUp(count * sizes.stride + OVERREAD_BYTES)),
  };
}

/** Memory of one slot over shards with these numbers of rows, in bytes. */
export function slotBytes(sizes: Sizes, rowCounts: readonly number[]): number {
  const parts = slotParts(sizes, rowCounts);
  return (
    parts.head +
    parts.weights +
    parts.owners +
    parts.log +
    parts.blockSums +
    parts.changed +
    parts.rows.reduce((sum, bytes) => sum + bytes, 0)
  );
}

/** Rows in the lists of neighbour pairs for each lit entry: 1.9 on MNIST; at most 8, if no two lit features touch. */
const PAIR_ROWS_PER_LIT = 3;

/**
 * Memory of one shard in bytes, an estimate: the lists of neighbour pairs depend on the rows.
 * @param lit lit entries of all rows
 */
export function shardBytes(sizes: Sizes, rows: number, lit: number): number {
  const { model, pairs, blocks } = sizes;
  const pairRows = pairs.count === 0 ? 0 : Math.min(PAIR_ROWS_PER_LIT * lit, pairs.count * rows);
  return (
    2 * (lit + pairRows) +
    4 * (2 * model.features + 4 * pairs.count) +
    rows * (5 + model.features / 8 + 8 * blocks) +
    4 * model.features * model.classes +
    2 * model.features * Math.ceil(rows / SUM_TILE_ROWS) +
    1024
  );
}
