/** The shards whose native matrices a thread holds. */
import type { PoolThread } from '../wasm/pool-thread.js';
import { DenseShard, serialOf } from './dense-shard.js';
import type { NativeOps } from './ops.js';

export class DenseShards {
  readonly #byAddress = new Map<number, DenseShard>();

  constructor(
    private readonly ops: NativeOps,
    private readonly thread: PoolThread,
    private readonly blocks: number,
  ) {}

  at(shardAt: number): DenseShard {
    const known = this.#byAddress.get(shardAt);
    if (known?.serial === serialOf(this.thread, shardAt)) return known;
    known?.dispose();
    const shard = new DenseShard(this.ops, this.thread, shardAt, this.blocks);
    this.#byAddress.set(shardAt, shard);
    return shard;
  }

  dispose(): void {
    for (const shard of this.#byAddress.values()) shard.dispose();
    this.#byAddress.clear();
  }
}
