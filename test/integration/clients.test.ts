import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientError, connect, type KnownEvent, type RunClient } from '../../src/client/index.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { problem } from './support/problem.js';

const LONG = problem({ draws: 20_000 });

function clientOf(t: test.TestContext, address: string): RunClient {
  const client = connect(address);
  t.after(() => client.close());
  return client;
}

async function eventsOf(client: RunClient, after = 0): Promise<KnownEvent[]> {
  const events: KnownEvent[] = [];
  for await (const event of client.events({ after, follow: true })) events.push(event);
  return events;
}

test('a client sees how the run stands, what happens, and stops it', async (t) => {
  const { handle } = await coordinatorOf(t, LONG, { flushMs: 20 });
  const client = clientOf(t, handle.address);
  const seen = eventsOf(client);
  void workerOf(t, handle.address);
  void workerOf(t, handle.address);
  await until(handle, ({ drawsStored }) => drawsStored >= 3);
  const { status, totalSweeps } = await client.status();
  const own = handle.status();
  assert.equal(totalSweeps, 6 + 2 * 20_000);
  assert.equal(status.phase, 'sampling');
  assert.deepEqual(Object.keys(status).sort(), Object.keys(own).sort());
  assert.deepEqual(status.workers, own.workers);
  assert.equal(status.chains.length, 3);
  for (const [chain, { sweep, lp, logLikQ, beta }] of status.chains.entries()) {
    assert.ok(sweep > 6 && sweep <= own.chains[chain]!.sweep);
    assert.ok(lp! < 0 && logLikQ! < 0 && beta === 1);
  }
  await client.stop();
  const outcome = await handle.finished;
  assert.equal(outcome.kind, 'stopped');
  const events = await seen;
  assert.deepEqual(
    events.map(({ kind, number }) => [kind, number]),
    [
      ['worker-joined', 1],
      ['worker-joined', 2],
      ['warmup-ended', 3],
      ['stopping', 4],
      ['stopped', 5],
    ],
  );
  assert.equal(events.at(-1)!.drawsStored, outcome.draws);
  assert.ok(events.every(({ time }) => Math.abs(Date.now() - time.getTime()) < 600_000));
});

test('the end of a warm-up is told also where its last state is kept', async (t) => {
  const kept = { ...LONG, plan: { ...LONG.plan, saveWarmup: true } };
  const { handle, store } = await coordinatorOf(t, kept, { flushMs: 20 });
  const client = clientOf(t, handle.address);
  const seen = eventsOf(client);
  void workerOf(t, handle.address);
  await until(handle, ({ drawsStored }) => drawsStored >= 1);
  await client.stop();
  await handle.finished;
  assert.equal((await seen).filter(({ kind }) => kind === 'warmup-ended').length, 1);
  assert.equal(store.warmup.horizon, 3);
});

test('a run that is told to finish is finished, with the draws it has', async (t) => {
  const { handle, store } = await coordinatorOf(t, LONG, { flushMs: 20 });
  const client = clientOf(t, handle.address);
  void workerOf(t, handle.address);
  await until(handle, ({ drawsStored }) => drawsStored >= 2);
  const draws = client.draws({ follow: true });
  await draws.next();
  await client.stop({ finish: true });
  let count = 1;
  let next = await draws.next();
  for (; !next.done; next = await draws.next()) count++;
  assert.equal(next.value, 'finished');
  assert.equal((await handle.finished).kind, 'finished');
  assert.equal(store.outcome, 'finished');
  assert.equal(count, 3 * store.horizon);
});

test('events are numbered by process, and numbers to come are refused', async (t) => {
  const { handle } = await coordinatorOf(t, LONG);
  const client = clientOf(t, handle.address);
  const refused = async (options: object, code: string, text: RegExp): Promise<ClientError> => {
    let caught: unknown;
    await assert.rejects(client.events(options).next(), (error) => (caught = error) instanceof ClientError);
    const error = caught as ClientError;
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return error;
  };
  const early = await refused({ after: 5 }, 'INVALID_ARGUMENT', /after must be at most 0, .*, got 5/);
  assert.deepEqual(
    early.fields.map(({ field }) => field),
    ['after'],
  );
  const other = await refused({ runId: 'x' }, 'FAILED_PRECONDITION', /run_id is x, this process is/);
  assert.equal(other.reason, 'OTHER_RUN');
  assert.deepEqual(await client.events().next(), { value: undefined, done: true });
});

test('iterators end when their signal is aborted', async (t) => {
  const { handle } = await coordinatorOf(t, LONG);
  const client = clientOf(t, handle.address);
  const why = new Error('enough');
  for (const open of [
    (signal: AbortSignal) => client.draws({ follow: true, signal }),
    (signal: AbortSignal) => client.events({ follow: true, signal }),
  ]) {
    const controller = new AbortController();
    const waiting = assert.rejects(open(controller.signal).next(), why);
    setTimeout(() => controller.abort(why), 50);
    await waiting;
    await assert.rejects(open(controller.signal).next(), why);
  }
  const aborted = AbortSignal.abort(why);
  await assert.rejects(client.status({ signal: aborted }), why);
});
