import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhaseClock } from '../../../src/cli/progress/phases.js';
import { progressLine, progressLines } from '../../../src/cli/progress/render.js';
import type { RunStatus } from '../../../src/coordinator/status.js';

const status: RunStatus = {
  runId: 'r',
  phase: 'warm-up',
  elapsedSeconds: 12.34,
  chains: [
    { chain: 0, sweep: 30, beta: 0.25, lp: -19302.14, logLikQ: -1, draws: 0 },
    { chain: 1, sweep: 20, beta: 0.2, lp: undefined, logLikQ: undefined, draws: 0 },
  ],
  sweepsDone: 50,
  sweepsPerSecond: 8.06,
  drawsStored: 0,
  drawsWanted: 1500,
  moves: {
    flipsProposed: 200,
    flipsAccepted: 25,
    rowsProposed: 0,
    rowsAccepted: 0,
    swapsProposed: 50,
    swapsAccepted: 1,
  },
  rounds: 1234,
  wrongGuesses: { flips: 1000, swaps: 500 },
  sitesWalked: 140_000,
  sitesNeeded: 100_000,
  audits: 3,
  bytesReceived: 2_000_000,
  bytesSent: 500_000,
  workers: [],
};
const facts = { title: 'mnist', totalSweeps: 100, accuracy: 0.9012 };

test('a plain line has phase, beta, speed, draws, lp by chain, acceptance and accuracy', () => {
  assert.equal(
    progressLine(status, facts),
    '12.3 s: warm-up 25 % | beta 0.200-0.250 | 8.1 sweeps/s | draws 0 of 1,500 | lp -19,302.1 - | ' +
      'accepted flips 12.50 %, swaps 2.00 % | test accuracy 90.12 %',
  );
  assert.equal(progressLine({ ...status, phase: 'waiting' }, facts), '12.3 s: waiting for workers (0 here)');
});

test('a terminal has a bar, a line a chain up to eight, and the traffic', () => {
  const lines = progressLines(status, facts);
  assert.match(lines[1]!, /^█{7}░{23} {2}25 % {2}warm-up {3}beta 0\.200-0\.250 {3}8\.1 sweeps\/s$/);
  assert.equal(lines[2], '  chain 0   sweep 30   lp -19,302.1');
  assert.ok(lines.includes('0 workers   rounds 1,234   wrong guesses 1,500   2.5 MB'));
  assert.equal(lines.at(-1), 'draws 0 of 1,500   test accuracy 90.12 %');
  const many = progressLines(
    { ...status, chains: Array.from({ length: 11 }, () => status.chains[0]!) },
    facts,
  );
  assert.equal(many.filter((line) => line.startsWith('  chain')).length, 8);
  assert.ok(many.includes('  and 3 more chains'));
});

test('what passes between snapshots belongs to the phase that the later one is in', () => {
  const clock = new PhaseClock();
  clock.note({ phase: 'waiting', elapsedSeconds: 2, sweepsDone: 0 });
  clock.note({ phase: 'warm-up', elapsedSeconds: 5, sweepsDone: 60 });
  clock.note({ phase: 'sampling', elapsedSeconds: 6, sweepsDone: 80 });
  clock.note({ phase: 'finished', elapsedSeconds: 10, sweepsDone: 100 });
  clock.note({ phase: 'finished', elapsedSeconds: 12, sweepsDone: 100 });
  assert.deepEqual(clock.totals, [
    { phase: 'warm-up', seconds: 3, sweeps: 60 },
    { phase: 'sampling', seconds: 7, sweeps: 40 },
  ]);
});
