/** Workers that compute wrongly are found out, sent away, and never change a draw. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { SlotReport } from '../../src/kernel/kernel.js';
import { CLOSED_Q } from '../../src/sampler/owners.js';
import type { WorkerAnswer } from '../../src/wire/codec/answer.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { liarOf } from './support/liar.js';
import { problem, serialDraws, storedLines } from './support/problem.js';

/** Longer than any test lasts. */
const LONG = problem({ draws: 50_000, chains: 4 });

function reportsChanged(answer: WorkerAnswer, change: (report: SlotReport) => SlotReport): WorkerAnswer {
  if (answer.type !== 'walked') return answer;
  const results = answer.results.map((result) => {
    if (result.kind === 'solo') {
      const reports = result.reports.map(({ sweep, report }) => ({ sweep, report: change(report) }));
      return { ...result, reports };
    }
    return result.report ? { ...result, report: change(result.report) } : result;
  });
  return { ...answer, results };
}

const faults: Record<string, { spoil(answer: WorkerAnswer): WorkerAnswer; reason: RegExp }> = {
  'a partial delta too large by a few nat': {
    spoil: (answer) => {
      if (answer.type !== 'walked') return answer;
      const results = answer.results.map((result) =>
        result.kind === 'window'
          ? { ...result, partialsQ: result.partialsQ.map((q) => (q === CLOSED_Q ? q : q + 9999)) }
          : result,
      );
      return { ...answer, results };
    },
    reason: /log-likelihood changed by -?\d+, accepted deltas sum to -?\d+/,
  },
  'a log-likelihood off by the smallest step': {
    spoil: (answer) => reportsChanged(answer, (report) => ({ ...report, logLikQ: report.logLikQ + 1 })),
    reason: /log-likelihood changed by -?\d+, accepted deltas sum to -?\d+/,
  },
  'a weight that the chain does not have': {
    spoil: (answer) =>
      reportsChanged(answer, (report) => ({
        ...report,
        w: report.w.map((bit, i) => (i < 48 ? 1 - bit : bit)),
      })),
    reason: /log-likelihood|another bit than the chain/,
  },
  'wrong rows of its table': {
    spoil: (answer) => (answer.type === 'audited' ? { ...answer, differing: 3 } : answer),
    reason: /3 table rows differ from their recomputation after \d+ sweeps/,
  },
};

for (const [fault, { spoil, reason }] of Object.entries(faults)) {
  test(`${fault}: the worker is sent away for good, and the draws are right`, async (t) => {
    const { handle, store, lines } = await coordinatorOf(t, LONG, { shards: 2, waitForWorkers: 2 });
    let isSpoiling = false;
    const end = liarOf(t, handle.address, (answer) => (isSpoiling ? spoil(answer) : answer));
    void workerOf(t, handle.address);
    await until(handle, ({ phase, rounds }) => phase === 'sampling' && rounds > 50);
    isSpoiling = true;
    assert.equal((await end).kind, 'dropped');
    assert.match((await end).reason, reason);
    assert.ok(lines.some((line) => /^dropped worker \d \(liar\): /.test(line) && reason.test(line)));
    const { drawsStored } = handle.status();
    await until(handle, (status) => status.drawsStored > drawsStored + 5);
    await handle.stop();
    const expected = serialDraws(LONG);
    for (const line of await storedLines(store)) assert.equal(line, expected.next().value);
  });
}

test('a worker that lives and does not answer is given up', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, LONG, {
    ...{ shards: 2, waitForWorkers: 2, answerMs: 200 },
  });
  let isHanging = false;
  const end = liarOf(t, handle.address, (answer) => (isHanging ? undefined : answer));
  void workerOf(t, handle.address);
  await until(handle, ({ phase, rounds }) => phase === 'sampling' && rounds > 50);
  isHanging = true;
  assert.deepEqual((await end).kind, 'broken');
  assert.match((await end).reason, /^it has not answered for \d+ s$/);
  assert.ok(lines.some((line) => /^lost worker \d \(liar\): it has not answered for/.test(line)));
  const { drawsStored } = handle.status();
  await until(handle, (status) => status.drawsStored > drawsStored + 5);
  await handle.stop();
  const expected = serialDraws(LONG);
  for (const line of await storedLines(store)) assert.equal(line, expected.next().value);
});

test('honest workers pass their audits', async (t) => {
  const { handle, lines } = await coordinatorOf(t, LONG, { shards: 2, waitForWorkers: 2 });
  for (const _ of [0, 1]) void workerOf(t, handle.address);
  await until(handle, ({ audits }) => audits >= 6);
  await handle.stop();
  assert.ok(!lines.some((line) => line.startsWith('dropped')));
});
