/** What `run`, `coordinator` and `serial` begin with: everything checked, nothing written yet. */
import type { DataSet } from '../data/data-set.js';
import { loadDataSet } from '../data/load.js';
import { readNumbers } from '../data/numbers-file.js';
import type { ChainRule } from '../kernel/kernel.js';
import type { RunPlan } from '../sampler/run-plan.js';
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

/** Loads the data and checks all flags against them. @throws UsageError */
export function prepare(
  name: string | undefined,
  flags: DataFlags & SamplingFlags & OutputFlags,
  shards: number | undefined,
): Promise<Prepared> {
  return checking(async () => {
    checkOutput(flags);
    const plan = runPlan(flags);
    const data = await loadDataSet(dataRequest(name, flags));
    if (shards !== undefined) checkShards(shards, data.merged);
    const pi = typeof flags.pi === 'string' ? await readNumbers(flags.pi) : flags.pi;
    return {
      data,
      rule: chainRule(data, flags, pi),
      plan,
      out: flags.out ?? defaultOut(data.name, new Date()),
    };
  });
}
