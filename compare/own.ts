/** The problem in bitgibbs: the serial sampler in this process, all moves or flips alone. */
import { availableParallelism } from 'node:os';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { logPosterior } from '../src/posterior/model.js';
import { geometricBetasQ } from '../src/sampler/run-plan.js';
import { sampleSerially } from '../src/sampler/serial.js';
import { ALL_MOVES, type Moves } from '../src/sampler/sites.js';
import { packageVersion } from '../src/telemetry/package-version.js';
import type { Sampled } from './draws.js';
import type { Problem } from './problem.js';

/** The heat bath of single bits that general samplers walk. */
export const FLIPS_ALONE: Moves = { rows: false, swaps: false };

export interface OwnSettings {
  readonly chains: number;
  readonly draws: number;
  /** Annealed sweeps before the first draw. */
  readonly warmup: number;
  readonly seed: number;
  readonly moves?: Moves;
}

const BETA_START = 0.12;

/** Draws, and lp of each by chain in nat, up to a constant: it is of the rounded log-likelihood. */
export interface OwnSampled extends Sampled {
  readonly lp: readonly Float64Array[];
}

/** Runs the chains from random starts; a sweep a draw. */
export function sampleOwn({ rows, model }: Problem, settings: OwnSettings): OwnSampled {
  const { chains: count, draws, warmup, seed, moves = ALL_MOVES } = settings;
  const rule = { model, moves, seed };
  const plan = { chains: count, draws, thin: 1, warmupBetasQ: geometricBetasQ(warmup, BETA_START) };
  const weights = model.features * model.classes;
  const chains = Array.from({ length: count }, () => new Uint8Array(draws * weights));
  const lp = Array.from({ length: count }, () => new Float64Array(draws));
  let begun: NodeJS.CpuUsage | undefined;
  for (const event of sampleSerially({ kernel: WasmKernel.alone(rule), rule, plan, shards: [rows] })) {
    if (event.kind !== 'draw') continue;
    // The first draw of all chains is there before the clock starts.
    if (event.draw === 1) begun ??= process.cpuUsage();
    chains[event.chain]!.set(event.w, event.draw * weights);
    lp[event.chain]![event.draw] = logPosterior(model, event.w, event.logLikQ);
  }
  const { user, system } = process.cpuUsage(begun);
  const secondsPerSweep = (user + system) / 1e6 / (count * (draws - 1));
  const version = `bitgibbs ${packageVersion()}, Node ${process.versions.node}, ${availableParallelism()} cores, one used`;
  return { draws: { chains, weights }, lp, secondsPerSweep, version };
}
