/** The thread in which both kernels are timed for `auto`. */
import { parentPort, workerData } from 'node:worker_threads';
import { litFeatures, takeRows, type Rows } from '../posterior/rows.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { randomStart } from '../posterior/weights.js';
import { featureOwners } from '../sampler/owners.js';
import { neighbourPairs } from '../sampler/sites.js';
import type { Workload } from './choose.js';
import { requireTensorFlow } from './create.js';
import type { ChainRule } from './kernel.js';
import { KernelTrial, type SweepTimes } from './trial.js';
import { WasmKernel } from './wasm/wasm-kernel.js';

/** No more than this is timed, so that the choice takes a moment: some rows and chains, sweeps until the time is over. */
const MOST_ROWS = 20_000;
const MOST_CHAINS = 8;
const LEAST_SWEEPS = 3;
const MOST_SWEEPS = 12;
const BUDGET_MS = 1000;

/** Sweeps after which a chain accepts no more moves than is usual, far as it may still be from where it is going. */
const EARLY_SWEEPS = 4;

function someOf(rows: Rows): Rows {
  const count = Math.min(rows.count, MOST_ROWS);
  return takeRows(
    rows,
    Array.from({ length: count }, (_, i) => Math.floor((i * rows.count) / count)),
  );
}

/** A chain's state after its first sweeps, which change so much that they would drown what is to be timed. */
function earlyState({ model, seed }: ChainRule, rows: Rows): Uint8Array {
  const lit = litFeatures(rows);
  const rule = { model: { ...model, lit }, moves: { rows: true, swaps: false }, seed };
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(0, rows);
  const owners = featureOwners([lit], model.features, neighbourPairs(rule.model));
  kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, randomStart(model, seed, 0));
  const betasQ = new Int32Array(EARLY_SWEEPS).fill(BETA_ONE_Q);
  const [result] = kernel.walk([{ kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ, reportAfter: [] }]);
  kernel.dispose();
  if (result?.kind !== 'solo') throw new Error('a solo job gave no solo result');
  return result.reports[0]!.report.w;
}

/** Best times over the sweeps but the first, in which code is compiled. */
function timeKernels({ rule, rows, chains }: Workload): SweepTimes {
  const some = someOf(rows);
  const starts = Array<Uint8Array>(Math.min(chains, MOST_CHAINS)).fill(earlyState(rule, some));
  const trial = new KernelTrial(requireTensorFlow(), rule, some, starts);
  const times: SweepTimes[] = [];
  const begun = performance.now();
  const early = (): boolean => times.length < MOST_SWEEPS && performance.now() - begun < BUDGET_MS;
  while (times.length < LEAST_SWEEPS || early()) times.push(trial.sweep(BETA_ONE_Q));
  trial.dispose();
  const timed = times.slice(1);
  return {
    wasmMs: Math.min(...timed.map(({ wasmMs }) => wasmMs)),
    tfjsMs: Math.min(...timed.map(({ tfjsMs }) => tfjsMs)),
  };
}

parentPort!.postMessage(timeKernels(workerData as Workload));
