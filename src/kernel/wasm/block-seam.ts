/**
 * For a kernel that sums whole blocks of features at once, say by a native matrix product over all rows and chains: it
 * reads the flip tables, hands a slot the sums of a block's features, and lets it walk the block. The walk takes those
 * sums where it would sum features itself, and keeps them current by every row that it rewrites; undoing does the same.
 *
 * Order of calls for a slot: `begin`, write `sums` (or `sumHere` for features it is cheap for), walks and windows of
 * this slot that stay within the block's sites, `end`. Rows are in the shard's own order, which `bitmap` and
 * `copyTable` share.
 */
import type { SweepPlan } from '../../sampler/sites.js';
import * as layout from './layout.js';
import type { FlipExports } from './load.js';
import type { Sizes } from './sizes.js';
import type { Views } from './views.js';

/** int32 lanes of a feature's sums: the first 2K hold the sums of up and of down entries. */
export const SUM_LANES = layout.SUM_BYTES / 4;

/** One shard's part of a slot. */
export interface Segment {
  readonly shard: number;
  readonly rows: number;
}

export class BlockSeam {
  readonly #wasm: FlipExports;
  readonly #views: Views;
  readonly #sizes: Sizes;
  readonly #modelAt: number;
  readonly #threadAt: number;
  readonly #slotAt: (slot: number) => number;

  constructor(
    wasm: FlipExports,
    views: Views,
    sizes: Sizes,
    at: { readonly model: number; readonly thread: number; readonly slot: (slot: number) => number },
  ) {
    this.#wasm = wasm;
    this.#views = views;
    this.#sizes = sizes;
    this.#modelAt = at.model;
    this.#threadAt = at.thread;
    this.#slotAt = at.slot;
  }

  /** The order of a sweep. */
  plan(sweep: number): SweepPlan {
    this.#wasm.makePlan(this.#modelAt, this.#threadAt, sweep);
    const { sites, blocks } = this.#sizes;
    const which = this.#threadAt + 4 * (sweep & 1);
    return {
      sites: this.#views.i32(this.#views.address(which + layout.THREAD_PLAN_SITES), sites).slice(),
      blockStarts: this.#views
        .i32(this.#views.address(which + layout.THREAD_BLOCK_STARTS), blocks + 1)
        .slice(),
    };
  }

  /** The slot's shards, in the order of its spec. */
  segments(slot: number): Segment[] {
    const count = this.#views.i32(this.#slotAt(slot) + layout.SLOT_SEGMENTS, 1)[0]!;
    return Array.from({ length: count }, (_, s) => {
      const shard = this.#shardAt(slot, s);
      return {
        shard: this.#views.i32(shard + layout.SHARD_NUMBER, 1)[0]!,
        rows: this.#views.i32(shard + layout.SHARD_ROWS, 1)[0]!,
      };
    });
  }

  /** Rows of a segment that a feature lights, one bit each, least significant first; a view, not to be written to. */
  bitmap(slot: number, segment: number, feature: number): Uint8Array {
    const shard = this.#shardAt(slot, segment);
    const bytes = 8 * this.#views.i32(shard + layout.SHARD_WORDS, 1)[0]!;
    return this.#views.u8(this.#views.address(shard + layout.SHARD_BITMAPS) + feature * bytes, bytes);
  }

  /** Weights of a segment's rows; a view, not to be written to. */
  rowWeights(slot: number, segment: number): Int32Array {
    const shard = this.#shardAt(slot, segment);
    const rows = this.#views.i32(shard + layout.SHARD_ROWS, 1)[0]!;
    return this.#views.i32(this.#views.address(shard + layout.SHARD_WEIGHTS), rows);
  }

  /**
   * Copies the tables of a segment's rows `from` .. `to - 1` as float32, 2K numbers a row (up, then down, all magnitudes).
   * @param at address in the pool's memory of the first row's numbers
   * @param strideBytes from one row's numbers to the next one's
   */
  copyTable(
    slot: number,
    segment: number,
    rows: { readonly from: number; readonly to: number },
    at: number,
    strideBytes: number,
  ): void {
    const { from, to } = rows;
    this.#wasm.copyTable(this.#modelAt, this.#slotAt(slot), segment, from, to, at, strideBytes);
  }

  /** Begins a block: bit f of the mask stands for feature `firstFeature + f`, whose sums the caller provides. */
  begin(slot: number, firstFeature: number, mask: bigint): void {
    this.#wasm.setBlock(this.#slotAt(slot), firstFeature, mask);
  }

  end(slot: number): void {
    this.#wasm.setBlock(this.#slotAt(slot), 0, 0n);
  }

  /** Sums over all segments, int32[64][SUM_LANES], of the rows' weighted entries: a view that the caller fills. */
  sums(slot: number): Int32Array {
    const at = this.#views.address(this.#slotAt(slot) + layout.SLOT_BLOCK_SUMS);
    return this.#views.i32(at, 64 * SUM_LANES);
  }

  /** Sums some of the block's features from their lists. */
  sumHere(slot: number, mask: bigint): void {
    this.#wasm.sumBlock(this.#modelAt, this.#slotAt(slot), mask);
  }

  /** Walks positions `from` .. `to - 1` of a sweep of a slot that covers all rows, deciding every site. */
  walkSolo(
    slot: number,
    turn: { readonly chain: number; readonly sweep: number; readonly betaQ: number },
    from: number,
    to: number,
  ): void {
    const { chain, sweep, betaQ } = turn;
    this.#wasm.walkSolo(this.#modelAt, this.#threadAt, this.#slotAt(slot), chain, sweep, betaQ, from, to);
  }

  #shardAt(slot: number, segment: number): number {
    return this.#views.address(
      this.#slotAt(slot) + layout.SLOT_SEGMENT_LIST + segment * layout.SEGMENT_BYTES,
    );
  }
}
