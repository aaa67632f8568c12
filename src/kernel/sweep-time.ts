/** How long a sweep takes on this machine: what plans are made with. */
import { cpuUsage } from 'node:process';
import { litFeatures, type Rows } from '../posterior/rows.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { randomStart } from '../posterior/weights.js';
import { featureOwners } from '../sampler/owners.js';
import { geometricBetasQ } from '../sampler/run-plan.js';
import { neighbourPairs } from '../sampler/sites.js';
import type { ChainRule, SoloJob } from './kernel.js';
import { WasmKernel } from './wasm/wasm-kernel.js';

const ANNEALING_SWEEPS = 60;
const TIMED_SWEEPS = 5;

/**
 * CPU time of one sweep of one chain on one thread by the wasm kernel, in ms, after a short annealing. Takes as long as
 * some fifty sweeps.
 * @param rows all the data
 */
export function measureSweepMs(rule: ChainRule, rows: Rows): number {
  const kernel = WasmKernel.alone(rule);
  try {
    const owners = featureOwners([litFeatures(rows)], rule.model.features, neighbourPairs(rule.model));
    kernel.addShard(0, rows);
    kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, randomStart(rule.model, rule.seed, 0));
    const walk = (sweep: number, betasQ: Int32Array): void => {
      const job: SoloJob = { kind: 'solo', slot: 0, chain: 0, sweep, betasQ, reportAfter: [] };
      kernel.walk([job]);
    };
    walk(0, geometricBetasQ(ANNEALING_SWEEPS));
    const begun = cpuUsage();
    walk(ANNEALING_SWEEPS, new Int32Array(TIMED_SWEEPS).fill(BETA_ONE_Q));
    const { user, system } = cpuUsage(begun);
    return (user + system) / 1000 / TIMED_SWEEPS;
  } finally {
    kernel.dispose();
  }
}
