/** A slot's rows from native logits, Z = X W: to fill a slot that is attached, and to check one from scratch. */
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import * as layout from '../wasm/layout.js';
import type { PoolThread } from '../wasm/pool-thread.js';
import type { DenseShard } from './dense-shard.js';
import type { DenseShards } from './dense-shards.js';
import type { Matrix, NativeOps } from './ops.js';

/** A block's weights, of shape [frequent features, K]. */
interface BlockWeights {
  readonly block: number;
  readonly matrix: Matrix;
}

export class NativeRows {
  readonly #bufferAt: number;

  constructor(
    private readonly ops: NativeOps,
    private readonly thread: PoolThread,
    private readonly shards: DenseShards,
    private readonly blocks: number,
    private readonly classes: number,
  ) {
    this.#bufferAt = thread.views.address(thread.at + layout.THREAD_TILE);
  }

  /** Makes every row of a slot from its weights. */
  fill(slotAt: number): void {
    this.#eachSegment(slotAt, true);
  }

  /** Rows that differ from what the weights say. */
  stale(slotAt: number): number {
    return this.#eachSegment(slotAt, false);
  }

  #eachSegment(slotAt: number, write: boolean): number {
    let different = 0;
    this.thread.segments(slotAt).forEach(({ shardAt }, segment) => {
      const shard = this.shards.at(shardAt);
      const weights: BlockWeights[] = [];
      try {
        for (let block = 0; block < this.blocks; block++) {
          if (shard.features(block).length > 0) weights.push(this.#weightsOf(slotAt, shard, block));
        }
        different += this.#eachTile(slotAt, segment, shard, weights, write);
      } finally {
        for (const { matrix } of weights) this.ops.free(matrix);
      }
    });
    return different;
  }

  #weightsOf(slotAt: number, shard: DenseShard, block: number): BlockWeights {
    const w = this.thread.weights(slotAt);
    const values = shard.features(block).flatMap((f) => {
      const start = (block * BLOCK_FEATURES + f) * this.classes;
      return [...w.subarray(start, start + this.classes)];
    });
    const rows = values.length / this.classes;
    return { block, matrix: this.ops.matrix(Float32Array.from(values), rows, this.classes) };
  }

  #eachTile(
    slotAt: number,
    segment: number,
    shard: DenseShard,
    weights: readonly BlockWeights[],
    write: boolean,
  ): number {
    const { wasm, views, modelAt, at } = this.thread;
    let different = 0;
    let done = 0;
    shard.tiles.forEach(({ from, to }, tile) => {
      // A heavy row may lie in several tiles, its logits are needed once.
      if (to === done) return;
      const logits = this.#logits(shard, weights, tile).subarray((done - from) * this.classes);
      views.f32(this.#bufferAt, logits.length).set(logits);
      different += wasm.rowsFromLogits(modelAt, at, slotAt, segment, done, to, this.#bufferAt, write);
      done = to;
    });
    return different;
  }

  /** What the frequent features add to a tile's logits, f32[rows][K]. */
  #logits(shard: DenseShard, weights: readonly BlockWeights[], tile: number): Float32Array {
    const { from, to } = shard.tiles[tile]!;
    if (weights.length === 0) return new Float32Array((to - from) * this.classes);
    const terms: Matrix[] = [];
    try {
      for (const { block, matrix } of weights)
        terms.push(this.ops.productOfTransposed(shard.matrix(block, tile), matrix));
      return this.ops.take(this.ops.sum(terms));
    } finally {
      for (const term of terms) this.ops.free(term);
    }
  }
}
