import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attach, Walk } from '../../../src/coordinator/brain/messages.js';
import { Deadlines } from '../../../src/coordinator/deadlines.js';

function walk(worker: number, round: number): Walk {
  const window = {
    kind: 'window',
    slot: 0,
    chain: 0,
    sweep: 0,
    betaQ: 1,
    settleAt: -1,
    from: 0,
    to: 4,
  } as const;
  return {
    type: 'walk',
    worker,
    epoch: 1,
    round,
    jobs: [{ ...window, guess: new Uint8Array(1), report: false }],
  };
}

function attach(worker: number, chains: number): Attach {
  const state = { chain: 0, w: new Uint8Array(4) };
  return {
    ...{
      type: 'attach',
      worker,
      epoch: 1,
      shards: [0],
      owners: new Uint8Array(2),
      self: 1,
      wantFlipDeltas: false,
    },
    chains: Array.from({ length: chains }, () => state),
  };
}

const walked = (worker: number, round: number) =>
  ({ type: 'walked', worker, epoch: 1, round, results: [] }) as const;

interface Probe {
  readonly deadlines: Deadlines;
  /** Lets seconds pass, second by second, until a worker is overdue or they are over; which one, and after how long. */
  after(seconds: number): { worker: number; seconds: number } | undefined;
  now(): number;
}

function probe(t: test.TestContext): Probe {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let overdue: number | undefined;
  const deadlines = new Deadlines({ leastMs: 10_000, overdue: (worker) => (overdue ??= worker) });
  t.after(() => deadlines.stop());
  // Whole milliseconds: sums of fractions can be a hair above the limit.
  let now = Math.round(performance.now());
  const after = (seconds: number) => {
    overdue = undefined;
    for (let second = 1; second <= seconds; second++) {
      deadlines.tick((now += 1000));
      if (overdue !== undefined) return { worker: overdue, seconds: second };
    }
    return undefined;
  };
  return { deadlines, after, now: () => now };
}

test('a worker that does not answer is overdue; one that answers is not', (t) => {
  const { deadlines, after, now } = probe(t);
  deadlines.asked(walk(1, 1), now());
  deadlines.asked(walk(2, 1), now());
  deadlines.answered(walked(1, 1), now());
  assert.deepEqual(after(60), { worker: 2, seconds: 12 });
  deadlines.forget(2);
  assert.equal(after(60), undefined);
});

test('an attachment may take a second more for each chain', (t) => {
  const { deadlines, after, now } = probe(t);
  deadlines.asked(attach(3, 20), now());
  assert.deepEqual(after(60), { worker: 3, seconds: 31 });
});

test('where answers take long, they may', (t) => {
  const { deadlines, after, now } = probe(t);
  deadlines.asked(walk(1, 1), now());
  assert.equal(after(5), undefined);
  deadlines.answered(walked(1, 1), now());
  deadlines.asked(walk(1, 2), now());
  assert.deepEqual(after(200), { worker: 1, seconds: 112 });
});

test('a pause of the coordinator itself is nobody’s fault', (t) => {
  const { deadlines, after, now } = probe(t);
  deadlines.asked(walk(1, 1), now());
  assert.equal(after(5), undefined);
  deadlines.tick(now() + 3_600_000);
  deadlines.answered(walked(1, 1), now());
  assert.equal(after(1), undefined);
});
