/**
 * What spreading a chain over S workers costs on full MNIST at an annealed state: rounds, sweeps of work and wrong
 * guesses a sweep, and the coordinator's own time. Workers are kernels in this process, so no clock but the brain's counts.
 */
import { Brain } from '../src/coordinator/brain/brain.js';
import type { BrainConfig, StartState } from '../src/coordinator/brain/config.js';
import type { BrainEvent } from '../src/coordinator/brain/messages.js';
import type { PhaseStatistics } from '../src/coordinator/brain/statistics.js';
import { runLocally } from '../src/coordinator/local-driver.js';
import { placeRows } from '../src/coordinator/placement.js';
import { MNIST_CLASSES, MNIST_SIDE } from '../src/data/mnist.js';
import type { ChainRule } from '../src/kernel/kernel.js';
import { WasmSweepTables } from '../src/kernel/wasm/sweep-tables.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { buildModel } from '../src/posterior/model.js';
import { litFeatures, takeRows, type Rows } from '../src/posterior/rows.js';
import { BETA_ONE_Q } from '../src/posterior/threshold.js';
import { randomStart } from '../src/posterior/weights.js';
import { geometricBetasQ, type RunPlan } from '../src/sampler/run-plan.js';
import { ALL_MOVES, type Moves } from '../src/sampler/sites.js';

const SEED = 1;
const ANNEALING_SWEEPS = 94;
const FLIPS_ONLY: Moves = { rows: true, swaps: false };

export function mnistRule(rows: Rows, moves: Moves): ChainRule {
  const model = buildModel({
    ...{ features: rows.features, classes: MNIST_CLASSES, lit: litFeatures(rows) },
    grid: { rows: MNIST_SIDE, columns: MNIST_SIDE },
  });
  return { model, moves, seed: SEED };
}

function configOf(
  rule: ChainRule,
  plan: RunPlan,
  shards: readonly Rows[],
  starts: readonly StartState[],
): BrainConfig {
  return {
    ...{ rule, plan, starts, spread: shards.length, tables: new WasmSweepTables(rule) },
    shards: shards.map((rows) => ({
      ...{ rows: rows.count, lit: litFeatures(rows) },
      weight: rows.weights.reduce((sum, weight) => sum + weight, 0),
    })),
    // A worker has room for one shard, so that chains are spread in hot sweeps too.
    memory: { shardBytes: () => Number.MAX_SAFE_INTEGER / 2 + 1, slotBytes: () => 0 },
    ...{ soloSweepsPerJob: ANNEALING_SWEEPS, checkpointSweeps: 1 },
  };
}

/** A chain after an annealed warm-up on one worker. */
export function annealedState(rows: Rows): Uint8Array {
  const rule = mnistRule(rows, ALL_MOVES);
  const plan = { chains: 1, draws: 0, thin: 1, warmupBetasQ: geometricBetasQ(ANNEALING_SWEEPS) };
  const config = configOf(rule, plan, [rows], [{ sweep: 0, w: randomStart(rule.model, SEED, 0) }]);
  let w = new Uint8Array(0);
  const kernel = WasmKernel.alone(rule);
  runLocally({
    ...{ config, shards: [rows], kernels: [kernel] },
    onCheckpoint: (checkpoint) => (w = Uint8Array.from(checkpoint.w)),
  });
  kernel.dispose();
  return w;
}

export interface RoundsCase {
  readonly shards: number;
  readonly moves: 'flips' | 'full';
  readonly betaQ: number;
  readonly sweeps: number;
}

export interface RoundsFigures {
  readonly phase: PhaseStatistics;
  /** CPU time of the brain and its tables for the whole run, alone in its process. */
  readonly coordinatorMs: number;
}

/** Walks one chain from an annealed state. */
export function walkSpread(rows: Rows, w: Uint8Array, roundsCase: RoundsCase): RoundsFigures {
  const { shards, moves, betaQ, sweeps } = roundsCase;
  const rule = mnistRule(rows, moves === 'flips' ? FLIPS_ONLY : ALL_MOVES);
  const parts = placeRows(rows, shards).map((list) => takeRows(rows, list));
  const plan = { chains: 1, draws: 0, thin: 1, warmupBetasQ: new Int32Array(sweeps).fill(betaQ) };
  const config = configOf(rule, plan, parts, [{ sweep: 0, w }]);
  const kernels = parts.map(() => WasmKernel.alone(rule));
  const transcript: BrainEvent[] = [];
  const brain = runLocally({ config, shards: parts, kernels, onEvent: (event) => transcript.push(event) });
  kernels.forEach((kernel) => kernel.dispose());
  replayMs(config, transcript);
  // The second time, compilers have finished.
  return { phase: brain.statistics.phases.warmup, coordinatorMs: replayMs(config, transcript) };
}

/** Plays a transcript to a new brain: the same events give the same commands. */
function replayMs(config: BrainConfig, transcript: readonly BrainEvent[]): number {
  const brain = new Brain(config);
  const begun = process.cpuUsage();
  brain.start();
  for (const event of transcript) brain.step(event);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

const BETA_HOT_Q = Math.round(0.3 * BETA_ONE_Q);
/** Sweeps of each case. */
const SWEEPS = 15;

const CASES: readonly RoundsCase[] = [
  ...[2, 4, 8, 16].map((shards) => ({ shards, betaQ: BETA_ONE_Q })),
  { shards: 4, betaQ: BETA_HOT_Q },
].flatMap((one) => (['flips', 'full'] as const).map((moves) => ({ ...one, moves, sweeps: SWEEPS })));

/**
 * Named figures, all a chain-sweep: `rounds_s4_flips`, `work_s4_flips_sweeps`, …; hot ones say `beta03`.
 * @param rows MNIST's training images
 * @param w annealed state, one byte a weight
 */
export function roundsFigures(rows: Rows, w = annealedState(rows)): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const one of CASES) {
    const { phase, coordinatorMs } = walkSpread(rows, w, one);
    const name = `s${one.shards}_${one.moves}${one.betaQ === BETA_HOT_Q ? '_beta03' : ''}`;
    figures[`rounds_${name}`] = phase.rounds / one.sweeps;
    figures[`work_${name}_sweeps`] = phase.sitesWalked / phase.sitesNeeded;
    figures[`wrong_guesses_${name}`] = (phase.wrongFlips + phase.wrongSwaps) / one.sweeps;
    figures[`coordinator_${name}_ms`] = coordinatorMs / one.sweeps;
  }
  return figures;
}
