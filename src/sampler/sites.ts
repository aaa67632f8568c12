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

/** Writes sites down in a sweep's random order. */
class SiteWriter {
  readonly sites: Int32Array;
  written = 0;
  readonly #model: Model;
  readonly #words: WordSequence;
  readonly #classOrder: Int32Array;

  constructor(model: Model, count: number, seed: number, sweep: number) {
    this.sites = new Int32Array(count);
    this.#model = model;
    this.#words = new WordSequence(seed, sweep, Domain.order);
    this.#classOrder = new Int32Array(model.classes - firstFreeClass(model));
  }

  /** `start` .. `start + count - 1` in random order. */
  shuffled(start: number, count: number): Int32Array {
    const items = Int32Array.from({ length: count }, (_, i) => start + i);
    this.#words.shuffle(items);
    return items;
  }

  push(site: number): void {
    this.sites[this.written++] = site;
  }

  /** `base + k` for the free classes k in random order. */
  pushClasses(base: number): void {
    const order = this.#classOrder;
    const first = firstFreeClass(this.#model);
    for (let i = 0; i < order.length; i++) order[i] = first + i;
    this.#words.shuffle(order);
    for (let i = 0; i < order.length; i++) this.push(base + order[i]!);
  }
}

function siteCount(model: Model, pairs: NeighbourPairs, withRows: boolean, withSwaps: boolean): number {
  const free = model.classes - firstFreeClass(model);
  const rows = withRows ? model.lit.reduce((sum, lit) => sum + lit, 0) : 0;
  return model.features * free + rows + (withSwaps ? pairs.count * free : 0);
}

/**
 * Order of a sweep, keyed by (seed, sweep) and shared by all chains: blocks of 64 features in random order, features in
 * random order within a block, at each feature its classes in random order and then the row move; then the pairs in
 * random order, at each pair the classes in random order. Never depends on shards or on the state.
 */
export function planSweep(
  model: Model,
  pairs: NeighbourPairs,
  moves: Moves,
  seed: number,
  sweep: number,
): SweepPlan {
  const { features, classes } = model;
  const withRows = moves.rows && !model.pinned;
  const writer = new SiteWriter(model, siteCount(model, pairs, withRows, moves.swaps), seed, sweep);
  const blocks = writer.shuffled(0, Math.ceil(features / BLOCK_FEATURES));
  const blockStarts = new Int32Array(blocks.length + 1);
  blocks.forEach((block, b) => {
    blockStarts[b] = writer.written;
    const start = block * BLOCK_FEATURES;
    for (const j of writer.shuffled(start, Math.min(BLOCK_FEATURES, features - start))) {
      writer.pushClasses(j * classes);
      if (withRows && model.lit[j]) writer.push(firstRowSite(model) + j);
    }
  });
  blockStarts[blocks.length] = writer.written;
  if (moves.swaps) {
    for (const pair of writer.shuffled(0, pairs.count))
      writer.pushClasses(firstSwapSite(model) + pair * classes);
  }
  return { sites: writer.sites, blockStarts };
}
