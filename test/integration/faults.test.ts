import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { STREAM_VERSION } from '../../src/posterior/stream.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { callDuplex, makeClient } from '../../src/wire/client.js';
import { encodeHello } from '../../src/wire/codec/hello.js';
import { workerService, type JoinResponse } from '../../src/wire/services.js';
import { PROTOCOL_VERSION } from '../../src/wire/version.js';
import { coordinatorOf, until, workerOf, workerProcess } from './support/cluster.js';
import { assertSame, problem, serialLines, storedLines } from './support/problem.js';

const LONG = problem({ draws: 60, thin: 2, chains: 4 });
const LONG_LINES = serialLines(LONG);
const SWEEPS = LONG.plan.chains * (6 + 60 * 2);

const HELLO = {
  ...{
    protocolVersion: PROTOCOL_VERSION,
    streamVersion: STREAM_VERSION,
    packageVersion: '0',
    name: 'made up',
  },
  ...{ threads: 1, memoryBytes: 2 ** 30, kernel: 'wasm' as const },
};

test('a worker killed in the middle is replaced by a spare', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, LONG, { shards: 2, waitForWorkers: 3 });
  const children = Array.from({ length: 3 }, () => workerProcess(t, handle.address));
  await until(handle, ({ phase, rounds }) => phase === 'sampling' && rounds > 20);
  const atWork = handle.status().workers.find(({ state }) => state === 'working')!;
  const pid = Number(atWork.name.split('/')[1]);
  const victim = children.find((child) => child.pid === pid)!;
  assert.ok(victim.kill('SIGKILL'));
  await until(handle, ({ workers }) => workers.length === 2);
  assert.ok(handle.status().sweepsDone < SWEEPS, 'the run was over too early for this test');
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), LONG_LINES);
  assert.ok(lines.some((line) => line.startsWith(`lost worker ${atWork.worker} `)));
});

test('the last worker killed: the run waits, and goes on with the next one', async (t) => {
  const { handle, store } = await coordinatorOf(t, LONG, { shards: 2 });
  const first = workerProcess(t, handle.address);
  await until(handle, ({ sweepsDone }) => sweepsDone > 20);
  first.kill('SIGKILL');
  await until(handle, ({ phase }) => phase === 'waiting');
  const ends = [workerOf(t, handle.address), workerOf(t, handle.address)];
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), LONG_LINES);
  assert.deepEqual(
    (await Promise.all(ends)).map(({ kind }) => kind),
    ['finished', 'finished'],
  );
});

test('a worker that hangs is given up, and comes back as a new one', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, LONG, {
    shards: 2,
    waitForWorkers: 2,
    heartbeatMs: 100,
  });
  const children = [workerProcess(t, handle.address), workerProcess(t, handle.address)];
  await until(handle, ({ sweepsDone }) => sweepsDone > 20);
  children[0]!.kill('SIGSTOP');
  await until(handle, ({ workers }) => workers.length === 1);
  children[0]!.kill('SIGCONT');
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), LONG_LINES);
  assert.ok(lines.some((line) => line.includes('nothing was heard of it for')));
});

test('a worker told to end leaves at once, and the others go on', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, LONG, { shards: 2, waitForWorkers: 2 });
  const leaver = workerProcess(t, handle.address);
  void workerOf(t, handle.address);
  await until(handle, ({ sweepsDone }) => sweepsDone > 20);
  leaver.kill('SIGTERM');
  const [code] = (await once(leaver, 'exit')) as [number];
  assert.equal(code, 0);
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), LONG_LINES);
  assert.ok(lines.some((line) => line.endsWith('leaves: SIGTERM')));
});

test('a worker that answers nonsense is refused in a line, and the run goes on', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, problem(), { waitForWorkers: 2 });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const call = callDuplex(client, workerService.join);
  const failed = once(call, 'error') as Promise<[{ code: number; details: string }]>;
  call.write({ hello: encodeHello(HELLO) });
  await once(call, 'data');
  call.write({
    walked: { epoch: 1, round: 1, results: [{ chain: 99, window: { partialsQ: new Uint8Array(3) } }] },
  });
  const [error] = await failed.catch((cause: unknown) => [cause as { code: number; details: string }]);
  assert.deepEqual(
    [error.code, error.details],
    [3, 'result.chain must be a whole number from 0 to 2, got 99'],
  );
  void workerOf(t, handle.address);
  void workerOf(t, handle.address);
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), serialLines(problem()));
  assert.ok(lines.some((line) => line.includes('result.chain must be')));
});

test('a worker with impossible answers is sent away for good', async (t) => {
  const { handle, store } = await coordinatorOf(t, problem(), {});
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const call = callDuplex(client, workerService.join);
  const finish = new Promise<JoinResponse['finish']>((resolve) => {
    call.on('data', (message: JoinResponse) => {
      if (message.load) call.write({ loaded: { shards: message.load.shards ?? [] } });
      if (message.attach) call.write({ attached: { epoch: message.attach.epoch ?? 0, chains: [] } });
      if (message.finish) resolve(message.finish);
    });
  });
  call.write({ hello: encodeHello(HELLO) });
  assert.equal((await finish)?.dropped, true);
  void workerOf(t, handle.address);
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), serialLines(problem()));
});

test('a stopped run goes on from its store, with other workers and shards', async (t) => {
  const first = await coordinatorOf(t, LONG, { shards: 2, waitForWorkers: 2 });
  const leave = new AbortController();
  const ends = [0, 1].map(() => workerOf(t, first.handle.address, { signal: leave.signal }));
  await until(first.handle, ({ drawsStored }) => drawsStored > 5);
  const outcome = await first.handle.stop();
  assert.equal(outcome.kind, 'stopped');
  assert.ok(outcome.draws < LONG.plan.draws, 'the run was over too early for this test');
  leave.abort('enough');
  assert.deepEqual(
    (await Promise.all(ends)).map(({ kind }) => kind),
    ['left', 'left'],
  );
  const second = await coordinatorOf(t, LONG, { shards: 3, store: first.store.afterCrash() });
  void workerOf(t, second.handle.address, { threads: 2 });
  assert.equal((await second.handle.finished).kind, 'finished');
  assertSame(await storedLines(second.store), LONG_LINES);
});

test('workers outlive a coordinator that comes back at the same address', async (t) => {
  const first = await coordinatorOf(t, LONG, { shards: 2, waitForWorkers: 2 });
  const ends = [0, 1].map(() => workerOf(t, first.handle.address));
  await until(first.handle, ({ drawsStored }) => drawsStored > 5);
  await first.handle.stop();
  const store = first.store.afterCrash();
  const second = await coordinatorOf(t, LONG, { shards: 2, store, listen: first.handle.address });
  assert.equal((await second.handle.finished).kind, 'finished');
  assertSame(await storedLines(store), LONG_LINES);
  assert.deepEqual(
    (await Promise.all(ends)).map(({ kind }) => kind),
    ['finished', 'finished'],
  );
});

test('a store that can not write ends the run with its words; workers wait for the next coordinator', async (t) => {
  class FullStore extends MemoryStore {
    override flush(): Promise<number> {
      return Promise.reject(new Error('no space left on the disk'));
    }
  }
  const store = new FullStore(LONG.plan.chains, 48);
  const { handle } = await coordinatorOf(t, LONG, { store, flushMs: 20 });
  const lines: string[] = [];
  const leave = new AbortController();
  const end = workerOf(t, handle.address, { log: (line) => lines.push(line), signal: leave.signal });
  await assert.rejects(handle.finished, { message: 'no space left on the disk' });
  assert.equal(store.horizon, 0);
  while (!lines.some((line) => line.startsWith('lost'))) await sleep(5);
  leave.abort('enough');
  assert.equal((await end).kind, 'left');
  assert.ok(lines.includes('lost the coordinator (the coordinator failed), trying again'), lines.join('; '));
});
