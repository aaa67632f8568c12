/** Bytes that change on the way, in either direction: told, never used. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { STREAM_VERSION } from '../../src/posterior/stream.js';
import { callDuplex, makeClient } from '../../src/wire/client.js';
import { encodeHello } from '../../src/wire/codec/hello.js';
import { workerService } from '../../src/wire/services.js';
import { PROTOCOL_VERSION } from '../../src/wire/version.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { fakeCoordinator } from './support/fake-coordinator.js';
import { assertSame, problem, serialLines, storedLines } from './support/problem.js';

const HELLO = encodeHello({
  ...{ protocolVersion: PROTOCOL_VERSION, streamVersion: STREAM_VERSION, packageVersion: '0' },
  ...{ name: 'noisy', threads: 1, memoryBytes: 2 ** 30, kernel: 'wasm' as const },
});

function withOneWrongBit(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[2]! ^= 4;
  return damaged;
}

test('a damaged answer costs its worker the stream, and the run goes on with the others', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, problem(), { waitForWorkers: 2 });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  let isNoisy = false;
  const { requestSerialize } = workerService.join;
  const noisy: typeof workerService.join = {
    ...workerService.join,
    requestSerialize: (message) =>
      isNoisy ? withOneWrongBit(requestSerialize(message)) : requestSerialize(message),
  };
  const call = callDuplex(client, noisy);
  call.write({ hello: HELLO });
  await once(call, 'data');
  isNoisy = true;
  const failed = once(call, 'error') as Promise<[{ details: string }]>;
  call.write({ loaded: { shards: [0, 1, 2] } });
  const [{ details }] = await failed.catch((error: { details: string }) => [error]);
  assert.equal(details, 'a message came with a wrong checksum');
  await until(handle, ({ workers }) => workers.length === 0);
  void workerOf(t, handle.address);
  void workerOf(t, handle.address);
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), serialLines(problem()));
  assert.ok(lines.includes('lost worker 1 (noisy): a message came with a wrong checksum'), lines.join('\n'));
});

test('a damaged command is not carried out: the worker says so and comes back', async (t) => {
  let joins = 0;
  const lines: string[] = [];
  const { responseSerialize } = workerService.join;
  const fake = await fakeCoordinator(t, {
    joined: (call) => {
      joins++;
      call.write(joins === 1 ? { load: { shards: [0] } } : { finish: { reason: 'that was all' } });
    },
    serialize: (message) =>
      message.load ? withOneWrongBit(responseSerialize(message)) : responseSerialize(message),
  });
  const outcome = await workerOf(t, fake.address, { log: (line) => lines.push(line) });
  assert.deepEqual(outcome, { kind: 'finished', reason: 'that was all' });
  assert.ok(
    lines.some((line) => /^lost the coordinator \(.*a message came with a wrong checksum/.test(line)),
    lines.join('\n'),
  );
});
