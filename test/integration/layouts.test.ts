import assert from 'node:assert/strict';
import test from 'node:test';
import { coordinatorOf, workerOf } from './support/cluster.js';
import { assertSame, problem, serialLines, storedLines } from './support/problem.js';

const LAYOUTS = [
  { shards: 1, workers: 1, threads: 1 },
  { shards: 1, workers: 3, threads: 2 },
  { shards: 2, workers: 2, threads: 1 },
  { shards: 3, workers: 4, threads: 2 },
  { shards: 4, workers: 2, threads: 2 },
];

for (const classes of [2, 3, 10]) {
  const whole = problem({ classes });
  const expected = serialLines(whole);
  for (const { shards, workers, threads } of LAYOUTS) {
    test(`K = ${classes}: ${shards} shards, ${workers} workers with ${threads} threads give the serial draws`, async (t) => {
      const { handle, store } = await coordinatorOf(t, whole, { shards, waitForWorkers: workers });
      const ends = Array.from({ length: workers }, () => workerOf(t, handle.address, { threads }));
      assert.deepEqual(await handle.finished, { kind: 'finished', draws: whole.plan.draws });
      assertSame(await storedLines(store), expected);
      assert.equal(store.outcome, 'finished');
      for (const end of await Promise.all(ends)) assert.equal(end.kind, 'finished');
      const { rounds, phase, drawsStored, moves } = handle.status();
      assert.equal(rounds > 0, shards > 1 && workers > 1);
      assert.deepEqual({ phase, drawsStored }, { phase: 'finished', drawsStored: whole.plan.draws });
      assert.ok(moves.flipsAccepted > 0 && moves.swapsAccepted > 0);
    });
  }
}
