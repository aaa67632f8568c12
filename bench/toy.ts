/** Sweeps of the toy (25 features, 2 classes) by one thread: repeated rows merged, and each by itself. */
import { loadDataSet } from '../src/data/load.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { buildModel } from '../src/posterior/model.js';
import { litFeatures, type Rows } from '../src/posterior/rows.js';
import { BETA_ONE_Q } from '../src/posterior/threshold.js';
import { randomStart } from '../src/posterior/weights.js';
import { ALL_MOVES } from '../src/sampler/sites.js';

const SWEEPS = 20;
/** Times so many sweeps; the first quarter is not counted. */
const TIMES = 60;
/** A sweep of JAGS on the same rows, ms, measured once on a machine of this kind. */
const JAGS_SWEEP_MS = 75;

/** CPU milliseconds of some sweeps, the next ones with each call. */
function sweeper(rows: Rows, lit: Uint8Array): () => number {
  const grid = { rows: 5, columns: 5 };
  const model = buildModel({ features: rows.features, classes: 2, grid, lit });
  const kernel = WasmKernel.alone({ model, moves: ALL_MOVES, seed: 1 });
  kernel.addShard(0, rows);
  kernel.attach({ slot: 0, shards: [0], owners: Uint8Array.from(lit), self: 1 }, randomStart(model, 1, 0));
  const betasQ = new Int32Array(SWEEPS).fill(BETA_ONE_Q);
  let sweep = 0;
  return () => {
    const begun = process.cpuUsage();
    kernel.walk([{ kind: 'solo', slot: 0, chain: 0, sweep, betasQ, reportAfter: [] }]);
    sweep += SWEEPS;
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
}

function perSecond(times: readonly number[]): number {
  const counted = times.slice(times.length >> 2).sort((a, b) => a - b);
  return (1000 * SWEEPS) / counted[counted.length >> 1]!;
}

/** The two take turns. */
export async function toyFigures(): Promise<Record<string, number>> {
  const { rows, merged } = await loadDataSet({ source: 'mnist56' });
  const walks = [merged, rows].map((some) => sweeper(some, litFeatures(rows)));
  const times = walks.map(() => [] as number[]);
  for (let i = 0; i < TIMES; i++) walks.forEach((walk, w) => times[w]!.push(walk()));
  const [together, each] = times.map(perSecond) as [number, number];
  return {
    toy_rows: rows.count,
    toy_merged_rows: merged.count,
    toy_sweeps_per_s: together,
    toy_sweeps_per_s_unmerged: each,
    toy_times_jags: (together * JAGS_SWEEP_MS) / 1000,
  };
}
