import assert from 'node:assert/strict';
import test from 'node:test';
import { shardMessages } from '../../src/coordinator/shard-stream.js';
import { InputError } from '../../src/posterior/model.js';
import { workerOf } from './support/cluster.js';
import { fakeCoordinator, type FakeBehaviour, type FakeCall } from './support/fake-coordinator.js';
import { problem } from './support/problem.js';

const { rows, rule } = problem();
const { features, classes } = rule.model;

function giveUp(reason: string) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof InputError, String(error));
    assert.equal(error.message, `gave up after 3 failures, the last: ${reason}`);
    return true;
  };
}

/** A coordinator that gives shard 0 to hold, and then an order. */
function withShard(order: (call: FakeCall) => void): FakeBehaviour {
  return {
    joined: (call) => call.write({ load: { shards: [0] } }),
    pull: () => shardMessages(rows),
    loaded: order,
  };
}

test('an order that fails ends the stream with its reason; the worker rejoins, and at last gives up', async (t) => {
  const owners = Uint8Array.from(rule.model.lit);
  const bits = new Uint8Array((features * classes + 7) >> 3);
  const attach = { epoch: 1, shards: [5], owners, self: 1, chains: [{ chain: 0, bits }] };
  const fake = await fakeCoordinator(
    t,
    withShard((call) => call.write({ attach })),
  );
  await assert.rejects(workerOf(t, fake.address), giveUp('no shard 5'));
  const reasons = fake.heard.flatMap(({ leaving }) => (leaving ? [leaving.reason] : []));
  assert.deepEqual(reasons, ['no shard 5', 'no shard 5', 'no shard 5']);
});

test('a kernel that fails in its thread does the same', async (t) => {
  const walk = { epoch: 1, round: 1, jobs: [{ chain: 1, solo: { sweep: 0, betasQ: [65536] } }] };
  const fake = await fakeCoordinator(
    t,
    withShard((call) => call.write({ walk })),
  );
  await assert.rejects(workerOf(t, fake.address, { threads: 2 }), giveUp('slot 1 is not open'));
});

test('a damaged shard is not taken', async (t) => {
  const messages = [...shardMessages(rows)];
  const last = { sha256: Buffer.from(messages.at(-1)!.sha256!).reverse() };
  const fake = await fakeCoordinator(t, {
    joined: (call) => call.write({ load: { shards: [0] } }),
    pull: () => [...messages.slice(0, -1), last],
  });
  await assert.rejects(workerOf(t, fake.address), giveUp('shard 0 has a wrong checksum'));
});

test('a message that makes no sense ends the stream with a reason', async (t) => {
  const walk = { jobs: [{ chain: 77, solo: { sweep: 0, betasQ: [65536] } }] };
  const fake = await fakeCoordinator(t, { joined: (call) => call.write({ walk }) });
  const reason = 'job.chain must be a whole number from 0 to 2, got 77';
  await assert.rejects(workerOf(t, fake.address), giveUp(reason));
});

test('a coordinator that falls silent is given up and tried again', async (t) => {
  let joins = 0;
  const lines: string[] = [];
  const fake = await fakeCoordinator(t, {
    heartbeatMs: 50,
    joined: (call) => {
      joins++;
      if (joins === 2) call.write({ finish: { reason: 'that was all' } });
    },
  });
  const outcome = await workerOf(t, fake.address, { log: (line) => lines.push(line) });
  assert.deepEqual(outcome, { kind: 'finished', reason: 'that was all' });
  assert.ok(
    lines.some((line) =>
      /^lost the coordinator \(nothing was heard of the coordinator for \d+ ms\)/.test(line),
    ),
  );
});

test('a worker that is sent away does not come back', async (t) => {
  const fake = await fakeCoordinator(t, {
    joined: (call) => call.write({ finish: { reason: 'wrong sums', dropped: true } }),
  });
  assert.deepEqual(await workerOf(t, fake.address), { kind: 'dropped', reason: 'wrong sums' });
});

test('a worker loads, drops and reloads shards, and tells which it holds', async (t) => {
  const wishes = [[0, 1], [1], [0], []];
  const fake = await fakeCoordinator(t, {
    joined: (call) => {
      for (const shards of wishes) call.write({ load: { shards } });
      call.on('data', () => {
        if (fake.heard.filter(({ loaded }) => loaded).length === wishes.length)
          call.write({ finish: { reason: 'done' } });
      });
    },
    pull: () => shardMessages(rows),
  });
  assert.equal((await workerOf(t, fake.address)).kind, 'finished');
  const held = fake.heard.flatMap(({ loaded }) => (loaded ? [[...(loaded.shards ?? [])]] : []));
  assert.deepEqual(held, wishes);
});
