import assert from 'node:assert/strict';
import test from 'node:test';
import { shardMessages } from '../../../src/coordinator/shard-stream.js';
import { packRows } from '../../../src/posterior/rows.js';
import { rowsFromBytes, shardBytes, shardParts } from '../../../src/wire/codec/shard.js';
import type { PullShardResponse } from '../../../src/wire/services.js';
import { ShardAssembly } from '../../../src/worker/shard-assembly.js';
import { uniforms } from '../../support/tiny-models.js';

const next = uniforms(3);
const ROWS = packRows(
  Array.from({ length: 40 * 13 }, () => Number(next() < 0.4)),
  13,
  Array.from({ length: 40 }, (_, n) => n % 3),
  Array.from({ length: 40 }, (_, n) => 1 + 70_000 * (n % 2)),
);
const WANTED = { runId: 'r', shard: 2, features: 13, classes: 3 };

function assemble(messages: Iterable<PullShardResponse>) {
  const assembly = new ShardAssembly(WANTED);
  for (const message of messages) assembly.add(message);
  return assembly.rows();
}

test('a shard in chunks of any size comes together as it was', () => {
  for (const chunkBytes of [1, 7, 64, 4096]) {
    const messages = [...shardMessages(ROWS, chunkBytes)];
    assert.ok(messages.every(({ data }) => (data?.length ?? 0) <= chunkBytes));
    const { bits, labels, weights, count, features } = assemble(messages);
    assert.deepEqual({ count, features }, { count: 40, features: 13 });
    assert.deepEqual(Buffer.from(bits), Buffer.from(ROWS.bits));
    assert.deepEqual(Buffer.from(labels), Buffer.from(ROWS.labels));
    assert.deepEqual(weights, ROWS.weights);
  }
});

test('damage on the way is found', () => {
  const messages = [...shardMessages(ROWS, 50)];
  const changed = (
    i: number,
    change: (message: PullShardResponse) => PullShardResponse,
  ): PullShardResponse[] => messages.map((message, at) => (at === i ? change(message) : message));
  const flip = ({ data }: PullShardResponse): PullShardResponse => {
    const copy = Uint8Array.from(data!);
    copy[3]! ^= 4;
    return { data: copy };
  };
  assert.throws(() => assemble(changed(2, flip)), /^WireError: shard 2 has a wrong checksum$/);
  assert.throws(() => assemble(messages.slice(0, -1)), /^WireError: shard 2 came without its end$/);
  assert.throws(() => assemble(messages.slice(1)), /^WireError: shard 2 is longer than announced$/);
  assert.throws(() => assemble([...messages.slice(0, 2), ...messages]), /^WireError/);
  const missing = messages.filter((_, i) => i !== 2);
  assert.throws(() => assemble(missing), /^WireError: shard 2 has a wrong checksum$/);
  const wide = changed(0, ({ header }) => ({ header: { ...header, features: 14 } }));
  assert.throws(() => assemble(wide), /^WireError: shard 2 has 14 features, the model 13$/);
});

test('labels, weights and lengths are checked', () => {
  const content = Buffer.concat(shardParts(ROWS));
  const shape = { rows: 40, features: 13 };
  assert.equal(content.length, shardBytes(shape));
  assert.throws(() => rowsFromBytes(content, shape, 2), /^WireError: a shard's labels must be below 2$/);
  assert.throws(() => rowsFromBytes(content.subarray(1), shape, 3), /must have 280 bytes, got 279$/);
  const zero = Buffer.from(content);
  zero.fill(0, content.length - 4);
  assert.throws(() => rowsFromBytes(zero, shape, 3), /^WireError: a shard's weights must be at least 1$/);
});
