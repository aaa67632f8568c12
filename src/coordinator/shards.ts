/** The data cut into shards, as the brain and the workers need them. */
import { litEntries, litFeatures, takeRows, type Rows } from '../posterior/rows.js';
import type { ChainRule } from '../kernel/kernel.js';
import { denseBytes } from '../kernel/wasm/dense-columns.js';
import { shardBytes, sizesOf, slotBytes } from '../kernel/wasm/sizes.js';
import type { MemoryModel, ShardInfo } from './brain/config.js';

export class Shards {
  readonly infos: readonly ShardInfo[];
  readonly #rows: Rows;
  readonly #lists: readonly ArrayLike<number>[];
  readonly #litEntries: readonly number[];

  /** @param lists row numbers of each shard */
  constructor(rows: Rows, lists: readonly ArrayLike<number>[]) {
    this.#rows = rows;
    this.#lists = lists;
    const litEntriesOf: number[] = [];
    this.infos = lists.map((list) => {
      const shard = takeRows(rows, list);
      litEntriesOf.push(litEntries(shard));
      const weight = shard.weights.reduce((sum, w) => sum + w, 0);
      return { rows: shard.count, weight, lit: litFeatures(shard) };
    });
    this.#litEntries = litEntriesOf;
  }

  get count(): number {
    return this.#lists.length;
  }

  /** The shard's rows, copied out of the data: shards are pulled seldom. */
  rows(shard: number): Rows {
    return takeRows(this.#rows, this.#lists[shard]!);
  }

  /** @param dense whether workers run the tfjs kernel, which keeps dense columns too */
  memory({ model, moves }: ChainRule, dense: boolean): MemoryModel {
    const sizes = sizesOf(model, moves);
    return {
      shardBytes: (shard) => {
        const { rows } = this.infos[shard]!;
        const lit = this.#litEntries[shard]!;
        return shardBytes(sizes, rows, lit) + (dense ? denseBytes(sizes, rows, lit) : 0);
      },
      slotBytes: (shards) =>
        slotBytes(
          sizes,
          shards.map((shard) => this.infos[shard]!.rows),
        ),
    };
  }
}
