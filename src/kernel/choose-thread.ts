/** The thread in which both kernels are timed for `auto`. */
import { parentPort, workerData } from 'node:worker_threads';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { randomStart } from '../posterior/weights.js';
import type { Workload } from './choose.js';
import { requireTensorFlow } from './create.js';
import { KernelTrial, type SweepTimes } from './trial.js';

/** So much is timed that the choice takes a moment: sweeps until the time is over. */
const MOST_CHAINS = 8;
const LEAST_SWEEPS = 4;
const MOST_SWEEPS = 12;
const BUDGET_MS = 1500;

/** Best times of the later half of the sweeps: the first ones compile code and accept many moves. */
function timeKernels({ rule, rows, chains }: Workload): SweepTimes {
  const starts = Array.from({ length: Math.min(chains, MOST_CHAINS) }, (_, chain) =>
    randomStart(rule.model, rule.seed, chain),
  );
  const trial = new KernelTrial(requireTensorFlow(), rule, rows, starts);
  const times: SweepTimes[] = [];
  const begun = performance.now();
  const early = (): boolean => times.length < MOST_SWEEPS && performance.now() - begun < BUDGET_MS;
  while (times.length < LEAST_SWEEPS || early()) times.push(trial.sweep(BETA_ONE_Q));
  trial.dispose();
  const late = times.slice(times.length >> 1);
  return {
    wasmMs: Math.min(...late.map(({ wasmMs }) => wasmMs)),
    tfjsMs: Math.min(...late.map(({ tfjsMs }) => tfjsMs)),
  };
}

parentPort!.postMessage(timeKernels(workerData as Workload));
