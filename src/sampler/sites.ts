/**
 * Sites: the moves of a sweep, and the order they are visited in.
 *
 * A site is one number: flips are `j K + k` (a draw from the prior where feature j is lit in no row),
 * rows (all-0 <-> all-1 of a feature's K bits) are `D K + j`, swaps `D K + D + pair K + k`.
 */
import type { Model } from '../posterior/model.js';
import { firstFreeClass } from '../posterior/model.js';
import { Domain, WordSequence } from '../posterior/stream.js';

/** Features visited together; the native kernel sums one block at a time, so chains must not depend on the kernel. */
export const BLOCK_FEATURES = 64;

/** Which moves a sweep has beside the single-bit flips. */
export interface Moves {
  readonly rows: boolean;
  readonly swaps: boolean;
}

export const ALL_MOVES: Moves = { rows: true, swaps: true };

/** Pairs of lit 8-neighbours: `first[p]`, `second[p]`. */
export interface NeighbourPairs {
  readonly count: number;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

const NEIGHBOUR_STEPS = [
  [0, 1],
  [1, -1],
  [1, 0],
  [1, 1],
] as const;

/** By first feature, then right, lower left, below, lower right. */
export function neighbourPairs(model: Model): NeighbourPairs {
  const { rows, columns } = model.grid;
  const first: number[] = [];
  const second: number[] = [];
  for (let j = 0; j < model.features; j++) {
    const row = Math.floor(j / columns);
    const column = j % columns;
    for (const [down, right] of NEIGHBOUR_STEPS) {
      const r = row + down;
      const c = column + right;
      if (r >= rows || c < 0 || c >= columns) continue;
      const other = r * columns + c;
      if (model.lit[j] && model.lit[other]) {
        first.push(j);
        second.push(other);
      }
    }
  }
  return { count: first.length, first: Int32Array.from(first), second: Int32Array.from(second) };
}

/** Number of the first row site, and of the first swap site. */
export function firstRowSite(model: Model): number {
  return model.features * model.classes;
}
export function firstSwapSite(model: Model): number {
  return model.features * model.classes + model.features;
}

/** The sites of one sweep in the order they are visited. */
export interface SweepPlan {
  readonly sites: Int32Array;
  /** Where each block of flips begins in `sites`; the last entry is where the swaps begin. */
  readonly blockStarts: Int32Array;
}

/**
 * Order of a sweep, keyed by (seed, sweep) and shared by all chains: blocks of 64 features in random order, features in
 * random order within a block, at each feature its classes in random order and then the row move; then the pairs in
 * random order, at each pair the classes in random order. Never depends on shards or on the state.
 */
export function planSweep(model: Model, pairs: NeighbourPairs, moves: Moves, seed: number, sweep: number): SweepPlan {
  const { features, classes } = model;
  const words = new WordSequence(seed, sweep, Domain.order);
  const free = classes - firstFreeClass(model);
  const withRows = moves.rows && !model.pinned;
  const litCount = model.lit.reduce((sum, lit) => sum + lit, 0);
  const total = features * free + (withRows ? litCount : 0) + (moves.swaps ? pairs.count * free : 0);
  const sites = new Int32Array(total);
  const blockCount = Math.ceil(features / BLOCK_FEATURES);
  const blockStarts = new Int32Array(blockCount + 1);
  const order = new Int32Array(Math.max(BLOCK_FEATURES, blockCount, pairs.count, classes));
  const classOrder = new Int32Array(free);
  let at = 0;

  const pushClasses = (base: number): void => {
    for (let i = 0; i < free; i++) classOrder[i] = classes - free + i;
    words.shuffle(classOrder, 0, free);
    for (let i = 0; i < free; i++) sites[at++] = base + classOrder[i]!;
  };

  const blocks = Int32Array.from({ length: blockCount }, (_, b) => b);
  words.shuffle(blocks, 0, blockCount);
  for (let b = 0; b < blockCount; b++) {
    blockStarts[b] = at;
    const start = blocks[b]! * BLOCK_FEATURES;
    const size = Math.min(BLOCK_FEATURES, features - start);
    for (let i = 0; i < size; i++) order[i] = start + i;
    words.shuffle(order, 0, size);
    for (let i = 0; i < size; i++) {
      const j = order[i]!;
      pushClasses(j * classes);
      if (withRows && model.lit[j]) sites[at++] = features * classes + j;
    }
  }
  blockStarts[blockCount] = at;
  if (moves.swaps) {
    for (let p = 0; p < pairs.count; p++) order[p] = p;
    words.shuffle(order, 0, pairs.count);
    for (let i = 0; i < pairs.count; i++) pushClasses(features * classes + features + order[i]! * classes);
  }
  return { sites, blockStarts };
}
