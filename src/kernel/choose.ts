/** Which kernel a process takes: the one that is asked for, or the faster one on the data at hand. */
import { Worker } from 'node:worker_threads';
import type { Rows } from '../posterior/rows.js';
import { requireTensorFlow } from './create.js';
import type { ChainRule, KernelChoice, KernelName } from './kernel.js';
import { loadTensorFlow } from './tfjs/load.js';
import type { SweepTimes } from './trial.js';

export interface ChosenKernel {
  readonly kernel: KernelName;
  /** One line. */
  readonly reason: string;
  /** One line for the user: what `auto` would have tried is missing. */
  readonly warning?: string;
}

/** What a kernel is to be chosen for. */
export interface Workload {
  readonly rule: ChainRule;
  /** A shard of the data. */
  readonly rows: Rows;
  /** Chains that a thread walks at once. */
  readonly chains: number;
}

/** With fewer rows a native product costs more to call than it saves: wasm is taken untried. */
const LEAST_ROWS = 10_000;

/**
 * Chooses. For `auto`, both kernels walk a few sweeps of these chains in a thread of their own, which takes seconds.
 * @throws InputError when tfjs is asked for and can't be loaded
 */
export async function chooseKernel(choice: KernelChoice, workload: Workload): Promise<ChosenKernel> {
  if (choice === 'tfjs') requireTensorFlow();
  if (choice !== 'auto') return { kernel: choice, reason: 'asked for' };
  const { count } = workload.rows;
  if (count < LEAST_ROWS) return { kernel: 'wasm', reason: `the faster one for as few as ${count} rows` };
  const { tf, why } = loadTensorFlow();
  if (tf) return judge(await timeBoth(workload));
  const reason = 'native TensorFlow is not available';
  return { kernel: 'wasm', reason, warning: `${reason} (${why}): kernel wasm does everything` };
}

function judge({ wasmMs, tfjsMs }: SweepTimes): ChosenKernel {
  const times = `wasm ${wasmMs.toFixed(1)} ms, tfjs ${tfjsMs.toFixed(1)} ms a chain and flip sweep`;
  return { kernel: tfjsMs < wasmMs ? 'tfjs' : 'wasm', reason: `the faster one here: ${times}` };
}

function timeBoth(workerData: Workload): Promise<SweepTimes> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./choose-thread.js', import.meta.url), { workerData });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the trial of the kernels ended with status ${code}`)));
  });
}
