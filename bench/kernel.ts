/**
 * Flip and swap sweeps of the wasm kernel on MNIST, one thread, against the yardstick from the same state in the same
 * process: the two take turns sweep by sweep. Times are CPU milliseconds of the process, medians.
 */
import { MNIST_CLASSES, MNIST_SIDE, readMnist } from '../src/data/mnist.js';
import type { ChainRule, SlotReport } from '../src/kernel/kernel.js';
import { sizesOf, shardBytes, slotBytes } from '../src/kernel/wasm/sizes.js';
import { WasmSweepTables } from '../src/kernel/wasm/sweep-tables.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { buildModel } from '../src/posterior/model.js';
import { litFeatures, takeRows, type Rows } from '../src/posterior/rows.js';
import { BETA_ONE_Q, thresholdFromNeedQ } from '../src/posterior/threshold.js';
import { randomStart } from '../src/posterior/weights.js';
import { featureOwners } from '../src/sampler/owners.js';
import { geometricBetasQ } from '../src/sampler/run-plan.js';
import { ALL_MOVES, neighbourPairs } from '../src/sampler/sites.js';
import { Yardstick } from './yardstick/yardstick.js';

const SEED = 1;
const ANNEALING_SWEEPS = 94;
/** Sweeps before times are taken: compilers have finished by then. */
const UNTIMED_SWEEPS = 3;

export interface KernelCase {
  /** Images, from the first on. */
  readonly images: number;
  readonly betaQ: number;
  /** Sweeps that are timed. */
  readonly sweeps: number;
}

export const MAIN_CASE: KernelCase = { images: 60_000, betaQ: BETA_ONE_Q, sweeps: 15 };

/** The range that matters: small data, where flips are often accepted, and hot chains. */
export const OTHER_CASES: readonly KernelCase[] = [
  { images: 1_000, betaQ: BETA_ONE_Q, sweeps: 60 },
  { images: 10_000, betaQ: BETA_ONE_Q, sweeps: 30 },
  { images: 60_000, betaQ: Math.round(0.1 * BETA_ONE_Q), sweeps: 15 },
];

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed(work: () => void): number {
  const begun = cpuMs();
  work();
  return cpuMs() - begun;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!;
}

/** One chain alone on the kernel, walked in parts of sweeps. */
class OneChain {
  readonly kernel: WasmKernel;
  readonly rule: ChainRule;
  readonly tables: WasmSweepTables;
  w: Uint8Array;

  constructor(rows: Rows) {
    const lit = litFeatures(rows);
    const grid = { rows: MNIST_SIDE, columns: MNIST_SIDE };
    const model = buildModel({ features: rows.features, classes: MNIST_CLASSES, grid, lit });
    this.rule = { model, moves: ALL_MOVES, seed: SEED };
    this.tables = new WasmSweepTables(this.rule);
    this.kernel = WasmKernel.alone(this.rule);
    this.kernel.addShard(0, rows);
    const owners = featureOwners([lit], model.features, neighbourPairs(model));
    this.w = randomStart(model, SEED, 0);
    this.kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, this.w);
  }

  /** Anneals to beta 1, or up to the given beta. */
  warmUp(betaQ: number): void {
    const betasQ = geometricBetasQ(ANNEALING_SWEEPS).map((beta) => Math.min(beta, betaQ));
    const job = { kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ, reportAfter: [] } as const;
    const [result] = this.kernel.walk([job]);
    if (result?.kind === 'solo') this.w = result.reports[0]!.report.w;
  }

  /** Positions of a sweep; every feature is the chain's own, so all is decided as in a sweep alone. */
  walk(sweep: number, betaQ: number, from: number, to: number, report = false): SlotReport | undefined {
    const window = { kind: 'window', slot: 0, chain: 0, sweep, betaQ, settleAt: -1, from, to } as const;
    const [result] = this.kernel.walk([{ ...window, guess: new Uint8Array(0), report }]);
    return result?.kind === 'window' ? result.report : undefined;
  }
}

/** Order of features and thresholds of one sweep, for the yardstick. */
function yardstickSweep(chain: OneChain, sweep: number, betaQ: number): [Int32Array, Int32Array] {
  const { features, classes } = chain.rule.model;
  const { sites } = chain.tables.plan(sweep);
  const needQ = new Float64Array(sites.length);
  chain.tables.fillNeedQ(0, sweep, needQ);
  const order = new Set<number>();
  const thresholdsQ = new Int32Array(features * classes);
  sites.forEach((site, position) => {
    if (site >= features * classes) return;
    order.add(Math.floor(site / classes));
    thresholdsQ[site] = thresholdFromNeedQ(needQ[position]!, betaQ);
  });
  return [Int32Array.from(order), thresholdsQ];
}

export interface KernelTimes {
  readonly yardstickFlipMs: number;
  readonly flipMs: number;
  readonly swapMs: number;
  /** Accepted moves a sweep. */
  readonly flipsAccepted: number;
  readonly swapsAccepted: number;
}

/** Times sweeps after an annealed warm-up. */
export function measureKernel(train: Rows, { images, betaQ, sweeps }: KernelCase): KernelTimes {
  const rows =
    images === train.count
      ? train
      : takeRows(
          train,
          Array.from({ length: images }, (_, n) => n),
        );
  const chain = new OneChain(rows);
  const yardstick = new Yardstick(rows);
  chain.warmUp(betaQ);
  const times = { yardstick: [] as number[], flips: [] as number[], swaps: [] as number[] };
  const before = chain.walk(ANNEALING_SWEEPS, betaQ, 0, 0, true)!.counts;
  let after = before;
  for (let i = 0; i < UNTIMED_SWEEPS + sweeps; i++) {
    const sweep = ANNEALING_SWEEPS + i;
    const { sites, blockStarts } = chain.tables.plan(sweep);
    const swapsFrom = blockStarts.at(-1)!;
    const [order, thresholdsQ] = yardstickSweep(chain, sweep, betaQ);
    yardstick.setState(chain.w);
    times.yardstick.push(timed(() => yardstick.sweep(order, thresholdsQ)));
    times.flips.push(timed(() => chain.walk(sweep, betaQ, 0, swapsFrom)));
    times.swaps.push(timed(() => chain.walk(sweep, betaQ, swapsFrom, sites.length)));
    const report = chain.walk(sweep, betaQ, sites.length, sites.length, true)!;
    chain.w = report.w;
    after = report.counts;
  }
  if (chain.kernel.audit(0) !== 0) throw new Error('rows differ from their recomputation');
  chain.kernel.dispose();
  const count = UNTIMED_SWEEPS + sweeps;
  return {
    yardstickFlipMs: median(times.yardstick.slice(UNTIMED_SWEEPS)),
    flipMs: median(times.flips.slice(UNTIMED_SWEEPS)),
    swapMs: median(times.swaps.slice(UNTIMED_SWEEPS)),
    flipsAccepted: (after.flipsAccepted - before.flipsAccepted) / count,
    swapsAccepted: (after.swapsAccepted - before.swapsAccepted) / count,
  };
}

function litEntries(rows: Rows): number {
  let count = 0;
  for (let byte of rows.bits) for (; byte; byte &= byte - 1) count++;
  return count;
}

/** Memory of the main case, in MiB: a shard once a worker, a slot for each chain. */
function memoryFigures(rows: Rows): Record<string, number> {
  const { rule, kernel } = new OneChain(rows);
  kernel.dispose();
  const sizes = sizesOf(rule.model, rule.moves);
  return {
    wasm_shard_mib: shardBytes(sizes, rows.count, litEntries(rows)) / 2 ** 20,
    wasm_slot_mib: slotBytes(sizes, [rows.count]) / 2 ** 20,
  };
}

/** Figures of the main case, or of all cases, by name. */
export function kernelFigures(all = false): Record<string, number> {
  const { train } = readMnist(33);
  const figures: Record<string, number> = {};
  for (const example of all ? [MAIN_CASE, ...OTHER_CASES] : [MAIN_CASE]) {
    const { images, betaQ } = example;
    const suffix = example === MAIN_CASE ? '' : `_n${images}${betaQ === BETA_ONE_Q ? '' : '_hot'}`;
    const times = measureKernel(train, example);
    figures[`wasm_flip_sweep_ms${suffix}`] = times.flipMs;
    figures[`yardstick_flip_sweep_ms${suffix}`] = times.yardstickFlipMs;
    figures[`wasm_flip_ratio${suffix}`] = times.flipMs / times.yardstickFlipMs;
    figures[`wasm_swap_sweep_ms${suffix}`] = times.swapMs;
    figures[`wasm_swap_to_flip_ratio${suffix}`] = times.swapMs / times.flipMs;
    figures[`wasm_flips_accepted_per_sweep${suffix}`] = times.flipsAccepted;
    figures[`wasm_swaps_accepted_per_sweep${suffix}`] = times.swapsAccepted;
  }
  return { ...figures, ...memoryFigures(train) };
}
