/**
 * Thousands of seeded schedules: whatever happens to workers and messages, the draws are the serial sampler's.
 *
 *     BITGIBBS_SIM_SEED=123 npm test -- simulation     replays one schedule
 *     BITGIBBS_SIM_COUNT=20000 npm test -- simulation  runs more of them
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice, scenario } from './scenario.js';
import { Simulation } from './simulator.js';

/** Schedules that share a sampling problem, so that its oracle runs once. */
const SCHEDULES_A_SCENARIO = 10;
const DEFAULT_COUNT = 2000;
/** No new schedule begins after so long. */
const MOST_SECONDS = 90;

function simulate(seed: number, problem = scenario(Math.floor(seed / SCHEDULES_A_SCENARIO))): Simulation {
  const simulation = new Simulation(problem, new Dice(1_000_000 + seed));
  try {
    simulation.run();
  } catch (error) {
    const text = `schedule ${seed} failed; replay it with BITGIBBS_SIM_SEED=${seed} npm test -- simulation`;
    throw new Error(`${text}\n${String(error)}`, { cause: error });
  }
  return simulation;
}

const one = process.env.BITGIBBS_SIM_SEED;

test(
  'draws are the serial sampler’s under any schedule',
  { skip: one === undefined ? false : 'one seed asked for' },
  (t) => {
    const count = Number(process.env.BITGIBBS_SIM_COUNT ?? DEFAULT_COUNT);
    const begun = performance.now();
    const seen = {
      draws: 0,
      warmupDraws: 0,
      checkpoints: 0,
      tempered: 0,
      extended: 0,
      dropped: 0,
      lost: 0,
      resumed: 0,
      spreadSweeps: 0,
      audits: 0,
      steps: 0,
    };
    let problem = scenario(0);
    let seed = 0;
    for (; seed < count && performance.now() - begun < 1000 * MOST_SECONDS; seed++) {
      if (seed % SCHEDULES_A_SCENARIO === 0) problem = scenario(seed / SCHEDULES_A_SCENARIO);
      const simulation = simulate(seed, problem);
      for (const field of Object.keys(seen) as (keyof typeof seen)[]) seen[field] += simulation.seen[field];
    }
    t.diagnostic(`${seed} schedules: ${JSON.stringify(seen)}`);
    for (const [field, value] of Object.entries(seen)) assert(value > 0, `no schedule had ${field}`);
  },
);

test('one schedule', { skip: one === undefined }, () => {
  simulate(Number(one));
});
