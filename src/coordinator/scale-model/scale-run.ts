/** A run on some data as the scale model plays it: every chain at beta 1, spread from its first sweep on. */
import type { ChainRule } from '../../kernel/kernel.js';
import { WasmSweepTables } from '../../kernel/wasm/sweep-tables.js';
import { litFeatures, takeRows, type Rows } from '../../posterior/rows.js';
import { randomStart } from '../../posterior/weights.js';
import { wrongChances } from '../placement/forecast.js';
import type { CostModel } from './costs.js';
import { simulateScale, type ScaleResult } from './simulate.js';

export interface ScaleRun {
  readonly rule: ChainRule;
  readonly rows: Rows;
  /** Row numbers of each shard; a chain is spread over as many workers. */
  readonly lists: readonly ArrayLike<number>[];
  readonly workers: number;
  readonly threads: number;
  readonly chains: number;
  /** Sweeps of each chain. */
  readonly sweeps: number;
  readonly costs: Omit<CostModel, 'wrongFlips' | 'wrongSwaps'>;
}

/** What a coordinator lets a chain on one worker walk between two messages: a quarter of a second. */
const SOLO_JOB_MS = 250;
const CHECKPOINT_SWEEPS = 16;

/** The same input gives the same figures. */
export function playScaleRun(run: ScaleRun): ScaleResult {
  const { rule, rows, lists, workers, threads, chains, sweeps, costs } = run;
  const shards = lists.map((list) => takeRows(rows, list));
  return simulateScale({
    ...{ workers, threads, costs: { ...costs, ...wrongChances(lists.length) }, uniform: uniforms() },
    config: {
      ...{ rule, spread: lists.length, tables: new WasmSweepTables(rule) },
      plan: { chains, draws: 1, thin: sweeps, warmupBetasQ: new Int32Array(0) },
      shards: shards.map((shard) => ({
        ...{ rows: shard.count, lit: litFeatures(shard) },
        weight: shard.weights.reduce((sum, weight) => sum + weight, 0),
      })),
      // Memory is told apart from speed: here every worker has room for all that it is given.
      memory: { shardBytes: () => 1, slotBytes: () => 1 },
      starts: Array.from({ length: chains }, (_, chain) => ({
        ...{ sweep: 0, w: randomStart(rule.model, rule.seed, chain) },
      })),
      soloSweepsPerJob: Math.max(1, Math.round(SOLO_JOB_MS / costs.sweepMs)),
      checkpointSweeps: CHECKPOINT_SWEEPS,
    },
  });
}

/** Uniform numbers in [0, 1) from a linear congruential generator: they need only be the same each time. */
function uniforms(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
