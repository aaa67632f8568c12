import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { logPosterior } from '../../src/posterior/model.js';
import { unpackWeights } from '../../src/posterior/weights.js';
import { callServerStream, callUnary, makeClient } from '../../src/wire/client.js';
import { decodeCounts } from '../../src/wire/codec/report.js';
import { decodeModel } from '../../src/wire/codec/rule.js';
import { chainService, type StreamDrawsResponse } from '../../src/wire/services.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { assertSame, drawLine, problem, serialDraws, serialLines } from './support/problem.js';

const WHOLE = problem({ draws: 40 });
const EXPECTED = serialLines(WHOLE);
const WEIGHTS = WHOLE.rule.model.features * WHOLE.rule.model.classes;

function lineOf(message: StreamDrawsResponse): string {
  const { chain, draw, sweep, logLikQ } = message;
  const w = unpackWeights(message.bits!, WEIGHTS);
  const counts = decodeCounts(message.counts!, 'counts');
  return drawLine({
    chain: chain ?? 0,
    draw: draw ?? 0,
    sweep: sweep ?? 0,
    logLikQ: logLikQ ?? 0,
    w,
    counts,
  });
}

test('followers see every draw once and in order, from where they begin; slow ones too', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE, { shards: 2, waitForWorkers: 2, flushMs: 20 });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const follow = async (fromDraw: number, pauseMs: number): Promise<string[]> => {
    const lines: string[] = [];
    const call = callServerStream(client, chainService.streamDraws, { fromDraw, follow: true });
    for await (const message of call) {
      lines.push(lineOf(message as StreamDrawsResponse));
      if (pauseMs > 0) await sleep(pauseMs);
    }
    return lines;
  };
  const followers = [follow(0, 0), follow(7, 0), follow(0, 2)];
  void workerOf(t, handle.address);
  void workerOf(t, handle.address);
  const [all, tail, slow] = await Promise.all(followers);
  assertSame(all!, EXPECTED);
  assertSame(tail!, EXPECTED.slice(7 * WHOLE.plan.chains));
  assertSame(slow!, EXPECTED);
  assert.equal((await handle.finished).kind, 'finished');
});

test('without follow a stream ends with what is stored; the run tells its facts', async (t) => {
  const long = problem({ draws: 20_000 });
  const { handle } = await coordinatorOf(t, long, { flushMs: 20 });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const before = await callUnary(client, chainService.getRun, {});
  assert.deepEqual([before.phase, before.storedDraws ?? 0], ['waiting', 0]);
  void workerOf(t, handle.address);
  await until(handle, ({ drawsStored }) => drawsStored >= 3);
  let count = 0;
  const call = callServerStream(client, chainService.streamDraws, { fromDraw: 1 });
  const serial = serialDraws(long);
  for (let i = 0; i < long.plan.chains; i++) serial.next();
  for await (const message of call) {
    const draw = message as StreamDrawsResponse;
    assert.equal(lineOf(draw), serial.next().value);
    count++;
    const w = unpackWeights(draw.bits!, WEIGHTS);
    assert.ok(Math.abs(draw.lp! - logPosterior(long.rule.model, w, draw.logLikQ!)) < 1e-9);
  }
  assert.ok(count >= 2 * long.plan.chains);
  assert.equal(count % long.plan.chains, 0);
  const run = await callUnary(client, chainService.getRun, {});
  assert.deepEqual(decodeModel(run.model!), long.rule.model);
  const { seed, chains, draws, thin, warmupSweeps, dataSha256, runId } = run;
  assert.deepEqual(
    { seed, chains, draws, thin, warmupSweeps, dataSha256, runId },
    {
      seed: 11,
      chains: 3,
      draws: 20_000,
      thin: 2,
      warmupSweeps: 6,
      dataSha256: 'abc',
      runId: handle.status().runId,
    },
  );
  await handle.stop();
});

test('a follower that goes away, or never reads, does not hold up the end', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE, { flushMs: 20 });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const gone = callServerStream(client, chainService.streamDraws, { follow: true });
  gone.on('error', () => undefined);
  gone.once('data', () => gone.cancel());
  void workerOf(t, handle.address);
  await once(gone, 'data');
  const stuck = callServerStream(client, chainService.streamDraws, { follow: true });
  stuck.on('error', () => undefined).pause();
  assert.equal((await handle.finished).kind, 'finished');
});

test('a cursor past the end of the run is refused', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE);
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const call = callServerStream(client, chainService.streamDraws, { fromDraw: 41 });
  const read = async (): Promise<void> => {
    for await (const _ of call) assert.fail('no draw was expected');
  };
  await assert.rejects(read(), /INVALID_ARGUMENT: from_draw must be at most 40/);
});
