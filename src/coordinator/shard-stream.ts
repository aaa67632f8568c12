/** A shard as the messages that PullShard streams. */
import { createHash } from 'node:crypto';
import type { Rows } from '../posterior/rows.js';
import { SHARD_CHUNK_BYTES } from '../wire/channel.js';
import { shardBytes, shardParts } from '../wire/codec/shard.js';
import type { PullShardResponse } from '../wire/services.js';

/** Header in the first message, data in all, SHA-256 of the data in the last. */
export function* shardMessages(rows: Rows, chunkBytes = SHARD_CHUNK_BYTES): Generator<PullShardResponse> {
  const { count, features } = rows;
  yield { header: { rows: count, features, bytes: shardBytes({ rows: count, features }) } };
  const hash = createHash('sha256');
  for (const part of shardParts(rows)) {
    for (let from = 0; from < part.length; from += chunkBytes) {
      const data = part.subarray(from, from + chunkBytes);
      hash.update(data);
      yield { data };
    }
  }
  yield { sha256: hash.digest() };
}
