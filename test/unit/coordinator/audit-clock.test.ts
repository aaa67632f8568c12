import assert from 'node:assert/strict';
import test from 'node:test';
import { AuditClock } from '../../../src/coordinator/audit-clock.js';

/** A clock that ticks when the test says so. */
function clockOf(t: test.TestContext, threads: number): { clock: AuditClock; due(): number } {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let due = 0;
  const clock = new AuditClock({ threads: () => threads, due: () => due++ });
  t.after(() => clock.stop());
  return { clock, due: () => due };
}

test('audits take a two-hundredth of the threads’ time, however long one takes', (t) => {
  for (const [threads, seconds] of [
    [1, 0.0495],
    [4, 0.0495],
    [2, 2],
  ] as const) {
    const { clock, due } = clockOf(t, threads);
    let asked = 0;
    const start = performance.now();
    for (let ms = 0; ms < 3_600_000; ms += 100) {
      clock.tick(start + ms);
      if (due() > asked) clock.spent(seconds);
      asked = due();
    }
    const most = (3600 * threads) / 200 / (seconds + 0.0005);
    assert.ok(asked >= 0.9 * most && asked <= most + 2, `${asked} audits, ${most} are right`);
    t.mock.timers.reset();
  }
});

test('without workers none is due', (t) => {
  const { clock, due } = clockOf(t, 0);
  for (let tick = 1; tick < 50; tick++) clock.tick(performance.now() + 100 * tick);
  assert.equal(due(), 0);
});
