/** Parts of a pool's memory that are written once: the model, a thread's scratch, a shard. */
import { firstFreeClass } from '../../posterior/model.js';
import type { Rows } from '../../posterior/rows.js';
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import type { Arena } from './arena.js';
import { cellsOf } from './cells.js';
import * as layout from './layout.js';
import type { FlipExports } from './load.js';
import { shardImage } from './shard-image.js';
import { coarseBytes, OVERREAD_BYTES, tileBytes, type Sizes } from './sizes.js';
import { writeTables } from './tables.js';

/** A range of memory made of parts that are released together. */
export class Region {
  readonly #parts: { at: number; bytes: number }[] = [];
  readonly at: number;

  /** @param bytes size of the head, which holds the addresses of the other parts; zeroed */
  constructor(
    private readonly arena: Arena,
    bytes: number,
  ) {
    this.at = this.allocate(bytes);
    arena.views.u8(this.at, bytes).fill(0);
  }

  allocate(bytes: number): number {
    try {
      const at = this.arena.allocate(bytes);
      this.#parts.push({ at, bytes });
      return at;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Sets a field of the head. */
  set(field: number, value: number): void {
    this.arena.set(this.at + field, value);
  }

  /** Allocates a part and sets the field that holds its address. */
  part(field: number, bytes: number): number {
    const at = this.allocate(bytes);
    this.set(field, at);
    return at;
  }

  /** Allocates a part for an array and copies it there. */
  put(field: number, source: Uint8Array | Uint16Array | Int16Array | Int32Array | Uint32Array): void {
    this.arena.write(this.part(field, source.byteLength + OVERREAD_BYTES), source);
  }

  release(): void {
    for (const { at, bytes } of this.#parts.splice(0)) this.arena.release(at, bytes);
  }
}

/** @param blockSums which blocks are summed here: BLOCK_NEVER and the like */
export function writeModel(
  arena: Arena,
  sizes: Sizes,
  seed: number,
  blockSums: number = layout.BLOCK_NEVER,
): Region {
  const { model, pairs } = sizes;
  const region = new Region(arena, layout.MODEL_BYTES);
  region.set(layout.MODEL_FEATURES, model.features);
  region.set(layout.MODEL_CLASSES, model.classes);
  region.set(layout.MODEL_FIRST_CLASS, firstFreeClass(model));
  region.set(layout.MODEL_ROW_MOVES, sizes.rowMoves ? 1 : 0);
  region.set(layout.MODEL_PAIRS, pairs.count);
  region.set(layout.MODEL_SITES, sizes.sites);
  region.set(layout.MODEL_STRIDE, sizes.stride);
  region.set(layout.MODEL_SEED_LOW, seed >>> 0);
  region.set(layout.MODEL_SEED_HIGH, Math.floor(seed / 2 ** 32));
  region.set(layout.MODEL_BLOCK_SUMS, blockSums);
  region.put(layout.MODEL_LIT, model.lit);
  region.put(layout.MODEL_PAIR_FIRST, pairs.first);
  region.put(layout.MODEL_PAIR_SECOND, pairs.second);
  region.put(layout.MODEL_PRIOR, model.priorQ);
  region.put(layout.MODEL_CELLS, cellsOf(model.classes));
  writeTables(arena);
  return region;
}

/** @param dense whether the pool has dense columns */
export function makeThread(arena: Arena, sizes: Sizes, dense = false): Region {
  const { model, sites, blocks, pairs } = sizes;
  const region = new Region(arena, layout.THREAD_BYTES);
  for (const plan of [0, 4]) {
    region.set(layout.THREAD_PLAN_SWEEPS + plan, -1);
    region.part(layout.THREAD_PLAN_SITES + plan, 4 * sites);
    region.part(layout.THREAD_BLOCK_STARTS + plan, 4 * (blocks + 1));
  }
  region.part(layout.THREAD_ORDER, 4 * Math.max(BLOCK_FEATURES + blocks, pairs.count));
  region.part(layout.THREAD_PARTIALS, 4 * sites);
  region.part(layout.THREAD_GUESS, (sites >> 3) + 1);
  region.part(layout.THREAD_SUMS, 2 * layout.SUM_BYTES);
  region.part(layout.THREAD_TO_COME, layout.SAVED_AT + layout.SAVED_ROWS * layout.SAVED_BYTES);
  if (pairs.count > 0) region.part(layout.THREAD_COARSE, coarseBytes(model.classes));
  if (dense) region.part(layout.THREAD_TILE, tileBytes(model.classes));
  region.part(layout.THREAD_BATCH, 2 * layout.BATCH_ROWS + layout.SCRATCH_BYTES);
  region.part(layout.THREAD_ROWS, 64 * sizes.stride + OVERREAD_BYTES);
  region.part(layout.THREAD_OUTPUT, Math.max(8 * sites, 4 * model.features * model.classes));
  return region;
}

/** Writes a shard's rows and lists; `kernel` lists the neighbour pairs. @throws InputError */
export function writeShard(
  arena: Arena,
  sizes: Sizes,
  modelAt: number,
  kernel: FlipExports,
  number: number,
  rows: Rows,
): Region {
  const { model } = sizes;
  const image = shardImage(rows, model.classes);
  const region = new Region(arena, layout.SHARD_BYTES);
  region.set(layout.SHARD_NUMBER, number);
  region.set(layout.SHARD_ROWS, image.rows);
  region.set(layout.SHARD_LIGHT_ROWS, image.lightRows);
  region.put(layout.SHARD_OFFSETS, image.offsets);
  region.put(layout.SHARD_LISTS, image.lists);
  region.put(layout.SHARD_COUNTS, image.counts);
  region.put(layout.SHARD_LABELS, image.labels);
  region.put(layout.SHARD_WEIGHTS, image.weights);
  region.set(layout.SHARD_WORDS, image.words);
  region.put(layout.SHARD_BITMAPS, image.bitmaps);
  region.put(layout.SHARD_TILE_COUNTS, image.tileCounts);
  region.put(layout.SHARD_BLOCK_BITS, new Uint32Array(2 * sizes.blocks * image.rows));
  kernel.fillBlockBits(modelAt, region.at);
  if (sizes.pairs.count > 0) {
    region.part(layout.SHARD_PAIR_OFFSETS, 4 * (4 * sizes.pairs.count + 1));
    const entries = kernel.listPairs(modelAt, region.at) >>> 0;
    region.part(layout.SHARD_PAIR_LISTS, 2 * entries + OVERREAD_BYTES);
    kernel.listPairs(modelAt, region.at);
  }
  return region;
}
