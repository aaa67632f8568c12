/** What exchanges cost: the same replicas on the same ladder, walked by one worker, with and without them. */
import { runLocally } from '../src/coordinator/local-driver.js';
import { startStates } from '../src/coordinator/starts.js';
import { readMnist } from '../src/data/mnist.js';
import { WasmSweepTables } from '../src/kernel/wasm/sweep-tables.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { litFeatures, takeRows } from '../src/posterior/rows.js';
import { ALL_MOVES } from '../src/sampler/sites.js';
import { temperedPlan } from '../src/sampler/tempering/tempering.js';
import { MemoryStore } from '../src/store/memory-store.js';
import { mnistRule } from './rounds.js';

const IMAGES = 10_000;
const REPLICAS = 8;
const BETA_MIN = 0.3;
const SWEEPS = 16;
const REPEATS = 5;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Sweeps of all replicas a second of CPU, from one draw of `SWEEPS` sweeps without a warm-up. */
function speed(exchangeEvery: number): number {
  const rows = takeRows(
    readMnist(33).train,
    Array.from({ length: IMAGES }, (_, n) => n),
  );
  const rule = mnistRule(rows, ALL_MOVES);
  const request = { replicas: REPLICAS, betaMin: BETA_MIN, exchangeEvery };
  const plan = temperedPlan({ chains: 1, draws: 1, thin: SWEEPS }, { sweeps: 0 }, request);
  const store = new MemoryStore(1, rule.model.features * rule.model.classes);
  const kernel = WasmKernel.alone(rule);
  const weight = rows.weights.reduce((sum, one) => sum + one, 0);
  // Time of this process alone: a machine that does other things beside tells less by the clock.
  const start = process.cpuUsage();
  runLocally({
    config: {
      ...{ rule, plan, spread: 1, tables: new WasmSweepTables(rule), ...startStates(rule, plan, store) },
      shards: [{ rows: rows.count, lit: litFeatures(rows), weight }],
      memory: { shardBytes: () => 1, slotBytes: () => 1 },
      ...{ soloSweepsPerJob: SWEEPS, checkpointSweeps: SWEEPS },
    },
    shards: [rows],
    kernels: [kernel],
    onDraw: (draw) => store.append(draw),
    onCheckpoint: (checkpoint) => store.checkpoint(checkpoint),
  });
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  kernel.dispose();
  return (REPLICAS * SWEEPS) / seconds;
}

export function temperingFigures(): Record<string, number> {
  const pairs = Array.from({ length: REPEATS }, () => {
    const without = speed(SWEEPS + 1);
    return { without, with: speed(1) };
  });
  return {
    'tempering: sweeps a CPU second with exchanges': median(pairs.map((pair) => pair.with)),
    'tempering: sweeps a CPU second without': median(pairs.map(({ without }) => without)),
    'tempering: cost of exchanges, %': median(pairs.map((pair) => 100 * (pair.without / pair.with - 1))),
  };
}
