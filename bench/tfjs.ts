/**
 * The tfjs kernel against the wasm kernel on full MNIST at an annealed state: flip sweeps of 1, 8 and 32 chains at once,
 * in one thread.
 */
import { MNIST_CLASSES, MNIST_SIDE, readMnist } from '../src/data/mnist.js';
import type { ChainRule } from '../src/kernel/kernel.js';
import { loadTensorFlow } from '../src/kernel/tfjs/load.js';
import { KernelTrial, type SweepTimes } from '../src/kernel/trial.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { buildModel } from '../src/posterior/model.js';
import { litFeatures, type Rows } from '../src/posterior/rows.js';
import { BETA_ONE_Q } from '../src/posterior/threshold.js';
import { randomStart } from '../src/posterior/weights.js';
import { featureOwners } from '../src/sampler/owners.js';
import { geometricBetasQ } from '../src/sampler/run-plan.js';
import { ALL_MOVES, neighbourPairs } from '../src/sampler/sites.js';

const SEED = 1;
const ANNEALING_SWEEPS = 94;
/** Sweeps before times are taken: compilers have finished by then. */
const UNTIMED_SWEEPS = 3;

/** Chains at once, and sweeps that are timed. */
const CASES = [
  { chains: 1, sweeps: 15 },
  { chains: 8, sweeps: 9 },
  { chains: 32, sweeps: 5 },
] as const;

function annealedState(rule: ChainRule, rows: Rows): Uint8Array {
  const { model } = rule;
  const kernel = WasmKernel.alone(rule);
  const owners = featureOwners([model.lit], model.features, neighbourPairs(model));
  kernel.addShard(0, rows);
  kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, randomStart(model, SEED, 0));
  const betasQ = geometricBetasQ(ANNEALING_SWEEPS);
  const [result] = kernel.walk([{ kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ, reportAfter: [] }]);
  kernel.dispose();
  if (result?.kind !== 'solo') throw new Error('no report of the annealed chain');
  return result.reports[0]!.report.w;
}

function median(times: readonly SweepTimes[], of: (time: SweepTimes) => number): number {
  const sorted = times.map(of).sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/**
 * CPU ms of the process a chain and sweep of flips, and the ratio to the wasm kernel that walks as many chains: medians
 * over sweeps, which the kernels walk in turn. No figures when native TensorFlow can't be loaded.
 */
export function tfjsFigures(): Record<string, number> {
  const { tf } = loadTensorFlow();
  if (!tf) return {};
  const { train } = readMnist(33);
  const grid = { rows: MNIST_SIDE, columns: MNIST_SIDE };
  const model = buildModel({
    ...{ features: train.features, classes: MNIST_CLASSES, lit: litFeatures(train), grid },
  });
  const rule = { model, moves: ALL_MOVES, seed: SEED };
  const w = annealedState(rule, train);
  const figures: Record<string, number> = {};
  for (const { chains, sweeps } of CASES) {
    const trial = new KernelTrial(tf, rule, train, Array<Uint8Array>(chains).fill(w));
    const times = Array.from({ length: UNTIMED_SWEEPS + sweeps }, () => trial.sweep(BETA_ONE_Q));
    trial.dispose();
    const timed = times.slice(UNTIMED_SWEEPS);
    const tfjsMs = median(timed, (time) => time.tfjsMs);
    figures[`tfjs_flip_sweep_c${chains}_ms`] = tfjsMs;
    figures[`tfjs_to_wasm_flip_sweep_c${chains}_ratio`] = tfjsMs / median(timed, (time) => time.wasmMs);
  }
  return figures;
}
