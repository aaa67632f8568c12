/**
 * Sums of a block's features for several slots at once: X^T T, where X holds the block's dense columns and T the slots'
 * table rows side by side, one native product a tile. Features that are rare in a shard are added from its lists.
 */
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import * as layout from '../wasm/layout.js';
import type { PoolThread, Segment } from '../wasm/pool-thread.js';
import { blockSumBytes } from '../wasm/sizes.js';
import type { DenseShard } from './dense-shard.js';
import type { DenseShards } from './dense-shards.js';
import type { NativeOps } from './ops.js';

/** A block in the order of a sweep: positions `from` .. `to - 1` of its plan. */
export interface PlannedBlock {
  readonly sweep: number;
  readonly block: number;
  readonly from: number;
  readonly to: number;
}

/** A slot about to walk a block. */
export interface BlockEntry {
  readonly slotAt: number;
  readonly planned: PlannedBlock;
}

/** Blocks with fewer frequent features, less than half of their features, are summed from lists, which takes less time. */
const LEAST_FEATURES = 32;

export class BlockSums {
  readonly #lanes: number;
  readonly #sumLanes: number;
  readonly #tileAt: number;
  /** Sums over tiles so far, i32[features][slots][2K]. */
  #totals = new Int32Array(0);

  constructor(
    private readonly ops: NativeOps,
    private readonly thread: PoolThread,
    private readonly shards: DenseShards,
    classes: number,
  ) {
    this.#lanes = 2 * classes;
    this.#sumLanes = blockSumBytes(classes) / 4;
    this.#tileAt = thread.views.address(thread.at + layout.THREAD_TILE);
  }

  /** Whether a slot's sums of a block are made here. */
  covers(slotAt: number, block: number): boolean {
    return this.#features(this.thread.segments(slotAt), block).length >= LEAST_FEATURES;
  }

  /** Whether the slot's sums of this block are still kept current. */
  isCurrent(slotAt: number, { sweep, block }: PlannedBlock): boolean {
    const fields = this.thread.views.i32(slotAt + layout.SLOT_BLOCK_MASK, 4);
    const [low, high, current, ofSweep] = fields;
    return (low !== 0 || high !== 0) && current === block && ofSweep === sweep;
  }

  /** Makes the sums of slots that cover the same shards, all of one block; the walk keeps them current from then on. */
  make(entries: readonly BlockEntry[]): void {
    const { block } = entries[0]!.planned;
    const slots = entries.map(({ slotAt }) => slotAt);
    const segments = slots.map((slotAt) => this.thread.segments(slotAt));
    const features = this.#features(segments[0]!, block);
    for (const entry of entries) this.#open(entry, features);
    segments[0]!.forEach(({ shardAt }, s) => {
      const shard = this.shards.at(shardAt);
      const rows = segments.map((ofSlot) => ofSlot[s]!.rowsAt);
      this.#addProducts(slots, rows, shard, block);
      const frequent = shard.features(block);
      for (const f of features) if (!frequent.includes(f)) this.#addLists(slots, s, block, f);
    });
  }

  /** Features of the block that are frequent in some shard. */
  #features(segments: readonly Segment[], block: number): number[] {
    const frequent = new Set(segments.flatMap(({ shardAt }) => this.shards.at(shardAt).features(block)));
    return [...frequent].sort((a, b) => a - b);
  }

  #sumsAt(slotAt: number, feature: number): number {
    return this.thread.views.address(slotAt + layout.SLOT_BLOCK_SUMS) + 4 * this.#sumLanes * feature;
  }

  #open({ slotAt, planned }: BlockEntry, features: readonly number[]): void {
    const { sweep, block, from, to } = planned;
    const { views } = this.thread;
    const mask: [number, number] = [0, 0];
    for (const f of features) mask[f >> 5]! |= 1 << (f & 31);
    views.i32(slotAt + layout.SLOT_BLOCK_MASK, 6).set([...mask, block, sweep, from, to]);
    views.i32(this.#sumsAt(slotAt, 0), BLOCK_FEATURES * this.#sumLanes).fill(0);
  }

  #addLists(slots: readonly number[], segment: number, block: number, feature: number): void {
    const { wasm, modelAt } = this.thread;
    for (const slotAt of slots) {
      const j = block * BLOCK_FEATURES + feature;
      wasm.addListSum(modelAt, slotAt, segment, j, this.#sumsAt(slotAt, feature));
    }
  }

  #addProducts(slots: readonly number[], rows: readonly number[], shard: DenseShard, block: number): void {
    const features = shard.features(block);
    if (features.length === 0) return;
    const length = slots.length * this.#lanes * features.length;
    if (this.#totals.length < length) this.#totals = new Int32Array(length);
    const totals = this.#totals.subarray(0, length).fill(0);
    this.#listTables(rows);
    shard.tiles.forEach((_, tile) => {
      const part = this.#product(slots.length, shard, block, tile);
      for (let i = 0; i < length; i++) totals[i]! += part[i]!;
    });
    slots.forEach((slotAt, c) => {
      const sums = this.thread.views.i32(this.#sumsAt(slotAt, 0), BLOCK_FEATURES * this.#sumLanes);
      features.forEach((f, column) => {
        for (let lane = 0; lane < this.#lanes; lane++) {
          sums[f * this.#sumLanes + lane]! += totals[(column * slots.length + c) * this.#lanes + lane]!;
        }
      });
    });
  }

  #listTables(rows: readonly number[]): void {
    const { views, at } = this.thread;
    views.u32(views.address(at + layout.THREAD_OUTPUT), rows.length).set(rows);
  }

  /** f32[features][slots][2K] of one tile. */
  #product(slots: number, shard: DenseShard, block: number, tile: number): Float32Array {
    const { wasm, views, modelAt, at } = this.thread;
    const { from, to, first, last } = shard.tiles[tile]!;
    const tablesAt = views.address(at + layout.THREAD_OUTPUT);
    wasm.widenRows(modelAt, shard.shardAt, tablesAt, slots, from, to, first, last, this.#tileAt);
    const width = slots * this.#lanes;
    const table = this.ops.matrix(views.f32(this.#tileAt, (to - from) * width), to - from, width);
    try {
      return this.ops.take(this.ops.product(shard.matrix(block, tile), table));
    } finally {
      this.ops.free(table);
    }
  }
}
