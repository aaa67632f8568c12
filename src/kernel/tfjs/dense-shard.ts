/** A shard's dense columns as native matrices, held by one thread: one for each block and tile. */
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import * as layout from '../wasm/layout.js';
import { tilesOfShard } from '../wasm/dense-columns.js';
import type { PoolThread } from '../wasm/pool-thread.js';
import type { Tile } from '../wasm/tiles.js';
import type { Matrix, NativeOps } from './ops.js';

/** A block's features that have a dense column, and where the columns lie in the pool's memory. */
interface Columns {
  /** Number within the block of each column's feature, ascending. */
  readonly features: readonly number[];
  readonly at: number;
}

export class DenseShard {
  readonly serial: number;
  readonly tiles: readonly Tile[];
  /** Rows in the tiles before each, and in all of them. */
  readonly #rowsBefore: readonly number[];
  readonly #columns: readonly Columns[];
  readonly #matrices = new Map<string, Matrix>();

  /** @throws when the pool was made without dense columns */
  constructor(
    private readonly ops: NativeOps,
    private readonly thread: PoolThread,
    readonly shardAt: number,
    blocks: number,
  ) {
    const { views } = thread;
    if (views.address(shardAt + layout.SHARD_DENSE) === 0) throw new Error('the pool has no dense columns');
    this.serial = serialOf(thread, shardAt);
    this.tiles = tilesOfShard(views, shardAt);
    this.#rowsBefore = this.tiles.reduce((sums, { from, to }) => [...sums, sums.at(-1)! + to - from], [0]);
    this.#columns = this.#readColumns(blocks);
  }

  features(block: number): readonly number[] {
    return this.#columns[block]!.features;
  }

  /** X^T, of shape [features of the block, rows of the tile]; this shard frees it. */
  matrix(block: number, tile: number): Matrix {
    const key = `${block} ${tile}`;
    const known = this.#matrices.get(key);
    if (known !== undefined) return known;
    const { features, at } = this.#columns[block]!;
    const { from, to } = this.tiles[tile]!;
    const values = this.thread.views.f32(
      at + 4 * features.length * this.#rowsBefore[tile]!,
      features.length * (to - from),
    );
    const matrix = this.ops.matrix(values, features.length, to - from);
    this.#matrices.set(key, matrix);
    return matrix;
  }

  dispose(): void {
    for (const matrix of this.#matrices.values()) this.ops.free(matrix);
    this.#matrices.clear();
  }

  #readColumns(blocks: number): Columns[] {
    const { views } = this.thread;
    const masks = views.u32(views.address(this.shardAt + layout.SHARD_DENSE_MASKS), 2 * blocks);
    let at = views.address(this.shardAt + layout.SHARD_DENSE);
    return Array.from({ length: blocks }, (_, block) => {
      const features = Array.from({ length: BLOCK_FEATURES }, (_, f) => f).filter(
        (f) => (masks[2 * block + (f >> 5)]! >>> (f & 31)) & 1,
      );
      const columns = { features, at };
      at += 4 * features.length * this.#rowsBefore.at(-1)!;
      return columns;
    });
  }
}

/** Tells a shard from those that lay at the same place before. */
export function serialOf({ views }: PoolThread, shardAt: number): number {
  return views.address(shardAt + layout.SHARD_SERIAL);
}
