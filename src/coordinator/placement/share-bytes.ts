/** Memory of an even share of the data, estimated before anything is cut. */
import type { ChainRule } from '../../kernel/kernel.js';
import { denseBytes } from '../../kernel/wasm/dense-columns.js';
import { shardBytes, sizesOf, slotBytes } from '../../kernel/wasm/sizes.js';
import { litEntries, type Rows } from '../../posterior/rows.js';

export interface ShareBytes {
  /** A shard's data, once a worker. */
  readonly shard: number;
  /** One chain's part in it. */
  readonly slot: number;
}

/**
 * Of 1 / shards of the rows, in bytes.
 * @param dense whether workers run the tfjs kernel, which keeps dense columns too
 */
export function shareBytes(rule: ChainRule, rows: Rows, shards: number, dense: boolean): ShareBytes {
  const sizes = sizesOf(rule.model, rule.moves);
  const count = Math.ceil(rows.count / shards);
  const lit = Math.ceil(litEntries(rows) / shards);
  return {
    shard: shardBytes(sizes, count, lit) + (dense ? denseBytes(sizes, count, lit) : 0),
    slot: slotBytes(sizes, [count]),
  };
}
