import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InputError } from '../../../src/posterior/model.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import {
  betaQOfSweep,
  drawOfSweep,
  geometricBetasQ,
  totalSweeps,
  warmupDrawOfSweep,
  warmupDraws,
  type RunPlan,
} from '../../../src/sampler/run-plan.js';

describe('a run plan', () => {
  const plan: RunPlan = { chains: 1, draws: 3, thin: 4, warmupBetasQ: Int32Array.of(100, 200) };

  it('ends a draw every thin sweeps after the warm-up', () => {
    assert.equal(totalSweeps(plan), 14);
    const draws = Array.from({ length: totalSweeps(plan) }, (_, sweep) => drawOfSweep(plan, sweep));
    assert.deepEqual(draws, [-1, -1, -1, -1, -1, 0, -1, -1, -1, 1, -1, -1, -1, 2]);
  });

  it('keeps warm-up draws on request only, one every thin sweeps of the warm-up', () => {
    const kept: RunPlan = { chains: 1, draws: 2, thin: 2, warmupBetasQ: new Int32Array(5), saveWarmup: true };
    const sweeps = Array.from({ length: totalSweeps(kept) }, (_, sweep) => sweep);
    const draws = [-1, 0, -1, 1, -1, -1, -1, -1, -1];
    assert.deepEqual(
      sweeps.map((sweep) => warmupDrawOfSweep(kept, sweep)),
      draws,
    );
    assert.equal(warmupDraws(kept), 2);
    const dropped = { ...kept, saveWarmup: false };
    assert.ok(sweeps.every((sweep) => warmupDrawOfSweep(dropped, sweep) === -1));
    assert.equal(warmupDraws(dropped), 0);
  });

  it('takes the warm-up betas, then 1', () => {
    assert.deepEqual(
      [0, 1, 2, 13].map((sweep) => betaQOfSweep(plan, sweep)),
      [100, 200, BETA_ONE_Q, BETA_ONE_Q],
    );
  });
});

describe('geometric betas', () => {
  it('rise from the start to 1 by equal factors', () => {
    const betas = geometricBetasQ(5, 0.0625);
    assert.deepEqual([...betas], [4096, 8192, 16384, 32768, 65536]);
  });

  it('of one sweep are 1, of none nothing', () => {
    assert.deepEqual([...geometricBetasQ(1)], [BETA_ONE_Q]);
    assert.deepEqual([...geometricBetasQ(0)], []);
  });

  it('refuse a start outside (0, 1]', () => {
    for (const start of [0, -1, 1.01, Number.NaN]) assert.throws(() => geometricBetasQ(3, start), InputError);
  });
});
