/** What `run`, `coordinator` and `serial` begin with: everything checked, nothing written yet. */
import type { DataSet } from '../data/data-set.js';
import { loadDataSet } from '../data/load.js';
import { readNumbers } from '../data/numbers-file.js';
import type { ChainRule } from '../kernel/kernel.js';
import type { Rows } from '../posterior/rows.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import type { RunPlan } from '../sampler/run-plan.js';
import { barrierByPilot, replicasFor } from '../sampler/tempering/pilot.js';
import { MIN_REPLICAS } from '../sampler/tempering/tempering.js';
import { fewestShards } from '../coordinator/placement.js';
import { serialKernel } from './serial-kernel.js';
import { checking } from './errors.js';
import type { DataFlags, OutputFlags, SamplingFlags } from './flags/groups.js';
import { chainRule, checkOutput, checkShards, dataRequest, defaultOut, runPlan } from './settings.js';

export interface Prepared {
  readonly data: DataSet;
  readonly rule: ChainRule;
  readonly plan: RunPlan;
  /** Folder of the run. */
  readonly out: string;
}

/** Flags that contradict each other are told before the data are loaded. */
function checkPlan(flags: SamplingFlags): void {
  runPlan(flags, () => MIN_REPLICAS);
}

function autoReplicas(rule: ChainRule, rows: Rows, betaMin: number): number {
  const kernel = serialKernel('wasm', rule);
  const barrier = barrierByPilot(kernel, rule, fewestShards(rows), Math.round(BETA_ONE_Q * betaMin));
  kernel.dispose();
  return replicasFor(barrier);
}

/** Loads the data and checks all flags against them. @throws UsageError */
export function prepare(
  name: string | undefined,
  flags: DataFlags & SamplingFlags & OutputFlags,
  shards: number | undefined,
): Promise<Prepared> {
  return checking(async () => {
    checkOutput(flags);
    checkPlan(flags);
    const data = await loadDataSet(dataRequest(name, flags));
    if (shards !== undefined) checkShards(shards, data.merged);
    const pi = typeof flags.pi === 'string' ? await readNumbers(flags.pi) : flags.pi;
    const rule = chainRule(data, flags, pi);
    return {
      ...{ data, rule },
      plan: runPlan(flags, (betaMin) => autoReplicas(rule, data.merged, betaMin)),
      out: flags.out ?? defaultOut(data.name, new Date()),
    };
  });
}
