import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { ClientError, connect, type RunClient } from '../../src/client/index.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { assertSame, drawLine, problem, serialLines, type Size } from './support/problem.js';

const SMALL = problem({ draws: 20, chains: 5 });

async function linesOf(client: RunClient): Promise<string[]> {
  const lines: string[] = [];
  for await (const draw of client.draws({ follow: true })) lines.push(drawLine(draw));
  return lines;
}

const TEMPERING = { replicas: 3, betaMinQ: 0, exchangeEvery: 3, annealSweeps: 2 };

for (const [kind, size] of Object.entries({
  plain: { chains: 5 },
  tempered: { chains: 2, tempering: TEMPERING },
})) {
  test(`a ${kind} run that is extended while it goes on has the draws of the longer one`, (t) =>
    extend(t, size));
}

async function extend(t: TestContext, size: Size): Promise<void> {
  const { handle, store } = await coordinatorOf(t, problem({ draws: 20, ...size }), {
    shards: 2,
    flushMs: 20,
  });
  const client = connect(handle.address);
  t.after(() => client.close());
  const lines = linesOf(client);
  await client.ready();
  void workerOf(t, handle.address);
  void workerOf(t, handle.address);
  let draws = 20;
  for (const more of [40, 41, 90, 200]) {
    await until(handle, ({ chains }) => chains.some((chain) => chain.draws > 0.5 * draws));
    try {
      await client.extend(more);
    } catch (error) {
      // All draws were there before the call was.
      assert.ok(error instanceof ClientError && ['FAILED_PRECONDITION', 'UNAVAILABLE'].includes(error.code));
      break;
    }
    draws = more;
    assert.equal(handle.status().drawsWanted, draws);
  }
  assert.ok(draws > 20);
  const outcome = await handle.finished;
  assert.deepEqual(outcome, { kind: 'finished', draws });
  assert.equal(store.outcome, 'finished');
  assertSame(await lines, serialLines(problem({ draws, ...size })));
}

test('more draws are asked for, and not too many', async (t) => {
  const { handle } = await coordinatorOf(t, SMALL);
  const client = connect(handle.address);
  t.after(() => client.close());
  for (const draws of [0, 20, 2 ** 31 + 1]) {
    await assert.rejects(client.extend(draws), (error) => {
      assert.ok(error instanceof ClientError);
      assert.deepEqual([error.code, error.fields[0]!.field], ['INVALID_ARGUMENT', 'draws']);
      assert.match(error.message, /draws must be more than 20, .* at most 2147483648, got \d+/);
      return true;
    });
  }
  assert.equal(handle.status().drawsWanted, 20);
  await client.extend(21);
  assert.equal((await client.run()).draws, 21);
});
