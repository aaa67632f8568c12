import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Draw, type DrawsOptions, type RunClient } from '../../src/client/index.js';
import { logPosterior } from '../../src/posterior/model.js';
import { callServerStream, isServiceError, makeClient } from '../../src/wire/client.js';
import { fieldViolations, reasonOf } from '../../src/wire/rich-error.js';
import { chainService, type StreamDrawsRequest } from '../../src/wire/services.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { assertSame, drawLine, problem, serialDraws, serialLines } from './support/problem.js';

const WHOLE = problem({ draws: 40 });
const EXPECTED = serialLines(WHOLE);
const { chains: CHAINS } = WHOLE.plan;

function clientOf(t: test.TestContext, address: string): RunClient {
  const client = connect(address);
  t.after(() => client.close());
  return client;
}

async function linesOf(client: RunClient, options: DrawsOptions, pauseMs = 0): Promise<string[]> {
  const lines: string[] = [];
  for await (const draw of client.draws(options)) {
    lines.push(drawLine(draw));
    if (pauseMs > 0) await sleep(pauseMs);
  }
  return lines;
}

test('followers see every draw once and in order, from where they begin; slow ones too', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE, { shards: 2, waitForWorkers: 2, flushMs: 20 });
  const client = clientOf(t, handle.address);
  const followers = [
    linesOf(client, { follow: true }),
    linesOf(client, { from: 7, follow: true }),
    linesOf(client, { follow: true }, 2),
    linesOf(client, { follow: true, chains: [2, 0], every: 3, to: 30, next: new Map([[0, 11]]) }),
  ];
  void workerOf(t, handle.address);
  void workerOf(t, handle.address);
  const [all, tail, slow, some] = await Promise.all(followers);
  assertSame(all!, EXPECTED);
  assertSame(tail!, EXPECTED.slice(7 * CHAINS));
  assertSame(slow!, EXPECTED);
  const wanted = EXPECTED.filter((_, i) => {
    const [draw, chain] = [Math.floor(i / CHAINS), i % CHAINS];
    return draw % 3 === 0 && draw < 30 && (chain === 2 || (chain === 0 && draw >= 11));
  });
  assertSame(some!, wanted);
  assert.equal((await handle.finished).kind, 'finished');
});

test('without follow a stream ends with what is stored; the run tells its facts', async (t) => {
  const long = problem({ draws: 20_000 });
  const { handle } = await coordinatorOf(t, long, { flushMs: 20 });
  const client = clientOf(t, handle.address);
  const before = await client.run();
  assert.deepEqual([before.phase, before.drawsStored], ['waiting', 0]);
  void workerOf(t, handle.address);
  await until(handle, ({ drawsStored }) => drawsStored >= 3);
  const serial = serialDraws(long);
  for (let i = 0; i < long.plan.chains; i++) serial.next();
  const draws = client.draws({ from: 1 });
  let count = 0;
  let next = await draws.next();
  for (; !next.done; next = await draws.next()) {
    const draw: Draw = next.value;
    assert.equal(drawLine(draw), serial.next().value);
    assert.ok(Math.abs(draw.lp - logPosterior(long.rule.model, draw.w, draw.logLikQ)) < 1e-9);
    count++;
  }
  assert.equal(next.value, 'stored');
  assert.ok(count >= 2 * long.plan.chains);
  assert.equal(count % long.plan.chains, 0);
  const { model, seed, chains, thin, warmupSweeps, dataSha256, runId, ...run } = await client.run();
  assert.deepEqual(model, long.rule.model);
  const { runId: ownId } = handle.status();
  assert.deepEqual(
    { seed, chains, draws: run.draws, thin, warmupSweeps, dataSha256, runId, classNames: run.classNames },
    {
      ...{ seed: 11, chains: 3, draws: 20_000, thin: 2, warmupSweeps: 6, dataSha256: 'abc', runId: ownId },
      classNames: Array.from({ length: model.classes }, (_, k) => `${k}`),
    },
  );
  await handle.stop();
});

test('draws without weights have everything else', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE);
  const client = clientOf(t, handle.address);
  const all = async (options: DrawsOptions): Promise<Draw[]> => {
    const draws: Draw[] = [];
    for await (const draw of client.draws(options)) draws.push(draw);
    return draws;
  };
  const both = Promise.all([all({ follow: true }), all({ follow: true, weights: false })]);
  void workerOf(t, handle.address);
  const [full, bare] = await both;
  assert.equal(full.length, EXPECTED.length);
  assert.deepEqual(
    bare.map((draw) => ({ ...draw })),
    full.map((draw) => ({ ...draw, bits: new Uint8Array(0) })),
  );
  assert.equal(bare[0]!.w.length, 0);
});

test('a follower that goes away, or never reads, does not hold up the end', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE, { flushMs: 20 });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  void workerOf(t, handle.address);
  for await (const _ of clientOf(t, handle.address).draws({ follow: true })) break;
  const stuck = callServerStream(client, chainService.streamDraws, { follow: true });
  stuck.on('error', () => undefined).pause();
  assert.equal((await handle.finished).kind, 'finished');
});

test('what a request gets wrong is named by field', async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE);
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const refused = async (request: StreamDrawsRequest, fields: string[], text: RegExp): Promise<void> => {
    const read = async (): Promise<void> => {
      for await (const _ of callServerStream(client, chainService.streamDraws, request))
        assert.fail('no draw was expected');
    };
    await assert.rejects(read(), (error) => {
      assert.ok(isServiceError(error));
      assert.match(error.message, text);
      assert.deepEqual(
        fieldViolations(error).map(({ field }) => field),
        fields,
      );
      return true;
    });
  };
  await refused(
    { fromDraw: 41 },
    ['from_draw'],
    /INVALID_ARGUMENT: from_draw must be at most 40, .*, got 41/,
  );
  await refused(
    { chains: [0, 3] },
    ['chains'],
    /chains must be at most 2, the number of the last chain, got 3/,
  );
  const cursors = [
    { chain: 5, nextDraw: 0 },
    { chain: 5, nextDraw: 41 },
  ];
  await refused(
    { cursors, encoding: 9 as never },
    ['cursors.chain', 'cursors.chain', 'cursors.next_draw', 'cursors.chain', 'encoding'],
    /cursors.chain must name each chain once at most; encoding must be a DrawEncoding, 0 to 3, got 9/,
  );
  const other = callServerStream(client, chainService.streamDraws, { drawsId: 'f00' });
  await assert.rejects(other.toArray(), (error) => {
    assert.ok(isServiceError(error));
    assert.match(error.message, /FAILED_PRECONDITION: draws_id is f00, this coordinator serves/);
    return reasonOf(error) === 'OTHER_RUN';
  });
});
