import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LpMonitor } from '../../../src/coordinator/lp-monitor.js';
import { estimate } from '../../../src/diagnostics/scalar.js';

/** Numbers that look random: of draw i of a chain. */
const noise = (chain: number, i: number) => (Math.sin(12.9898 * (i + 1) + 78.233 * chain) * 43758.5453) % 1;

describe('the figures of lp while a run goes on', () => {
  test('are those of a summary, over the draws that every chain has', () => {
    const monitor = new LpMonitor(2);
    for (let i = 0; i < 19; i++) for (const chain of [0, 1]) monitor.add(chain, noise(chain, i));
    assert.equal(monitor.figures, undefined);
    monitor.add(0, noise(0, 19));
    assert.equal(monitor.figures, undefined);
    monitor.add(1, noise(1, 19));
    const chains = [0, 1].map((chain) => Float64Array.from({ length: 20 }, (_, i) => noise(chain, i)));
    const { rhat, essBulk } = estimate(chains);
    assert.deepEqual(monitor.figures, { draws: 20, rhat, effectiveDraws: essBulk });
  });

  test('are made anew with 2 percent more draws, not before', () => {
    const monitor = new LpMonitor(1);
    const draw = (from: number, to: number) => {
      for (let i = from; i < to; i++) monitor.add(0, noise(0, i));
      return monitor.figures?.draws;
    };
    assert.equal(draw(0, 100), 100);
    assert.equal(draw(100, 101), 100);
    assert.equal(draw(101, 102), 102);
  });

  test('of long runs are those of every second, fourth, .. draw, in bounded memory', () => {
    const monitor = new LpMonitor(16);
    // Chains are ahead of one another, as they are in a run.
    for (let i = 0; i < 5_000; i++) {
      for (let chain = 0; chain < 16; chain++) {
        if (i >= chain) monitor.add(chain, noise(chain, i - chain));
      }
    }
    const draws = 5_000 - 15;
    const kept = Math.ceil(draws / 8);
    const chains = Array.from({ length: 16 }, (_, chain) =>
      Float64Array.from({ length: kept }, (_, i) => noise(chain, 8 * i)),
    );
    const { rhat, essBulk } = estimate(chains);
    assert.deepEqual(monitor.figures, { draws, rhat, effectiveDraws: essBulk });
  });

  test('tell chains apart that disagree', () => {
    const monitor = new LpMonitor(2);
    for (let i = 0; i < 200; i++) for (const chain of [0, 1]) monitor.add(chain, noise(chain, i) + 9 * chain);
    assert.ok(monitor.figures!.rhat > 1.5);
  });
});
