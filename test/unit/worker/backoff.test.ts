import assert from 'node:assert/strict';
import test from 'node:test';
import { backoffMs, pause } from '../../../src/worker/backoff.js';

test('waits double up to a bound, and lie between half of it and all of it', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, () => 1)),
    [200, 400, 800, 1600, 3200, 5000, 5000],
  );
  assert.equal(
    backoffMs(2, () => 0),
    400,
  );
});

test('a pause ends at once when its signal does', async () => {
  const controller = new AbortController();
  const paused = pause(3_600_000, controller.signal);
  controller.abort();
  await paused;
});
