/** `bitgibbs plan`: what a run would look like on its workers, before any of them is started. */
import { BATCHES } from '../../coordinator/brain/teams.js';
import { walkingChains } from '../../coordinator/brain/walking-chains.js';
import { autoShards } from '../../coordinator/placement/auto-shards.js';
import { placeRows } from '../../coordinator/placement.js';
import { forecastSweep } from '../../coordinator/placement/forecast.js';
import { shareBytes } from '../../coordinator/placement/share-bytes.js';
import { summarizePlacement } from '../../coordinator/placement/summary.js';
import { USUAL_COSTS } from '../../coordinator/scale-model/costs.js';
import { playScaleRun, type ScaleRun } from '../../coordinator/scale-model/scale-run.js';
import { measureSweepMs } from '../../kernel/sweep-time.js';
import { checking } from '../errors.js';
import type { PlanFlags } from '../flags/plan.js';
import { planJson, planText, type Plan, type SimulatedRun } from '../plan-text.js';
import { DEFAULT_WARMUP } from '../flags/groups.js';
import { checkWarmupFlags } from '../warmup/trial.js';
import { prepare, type Prepared } from '../prepare.js';

/** Sweeps of each chain that the scale model plays: the first ones of a run in which all chains began at once. */
const SIMULATED_SWEEPS = 3;
const BYTES_PER_MS_OF_GBIT = 125_000;

/** @throws UsageError, InputError */
export async function plan(data: string | undefined, given: PlanFlags): Promise<void> {
  await checking(() => checkWarmupFlags(given));
  // What is told of a sweep holds for any length.
  const flags = given.warmup === 'auto' ? { ...given, warmup: DEFAULT_WARMUP } : given;
  const prepared = await prepare(data, flags, flags.shards === 'auto' ? undefined : flags.shards);
  const result = await checking(() => planOf(prepared, flags));
  process.stdout.write(flags.json ? planJson(result) : planText(result));
}

function planOf({ data, rule }: Prepared, flags: PlanFlags): Plan {
  const { workers, threads, chains } = flags;
  const { merged: rows } = data;
  const dense = flags.kernel === 'tfjs';
  const memoryBytes = flags.memory === undefined ? Infinity : flags.memory * 2 ** 30;
  const sweepMs = once(() => flags.sweepMs ?? measureSweepMs(rule, rows));
  const choice =
    flags.shards === 'auto'
      ? autoShards({ rule, rows, workers, threads, memoryBytes, chains, dense })
      : undefined;
  const shards = choice?.spread ?? (flags.shards as number);
  const lists = placeRows(rows, shards);
  const groups = Math.max(1, Math.floor(workers / shards));
  const chainsAGroup = Math.ceil(chains / groups);
  const summary = summarizePlacement(rule, rows, lists);
  const chainsInBatch = Math.ceil(chainsAGroup / BATCHES);
  const share = shareBytes(rule, rows, shards, dense);
  const run = { rule, rows, lists, threads, chains, sweeps: SIMULATED_SWEEPS };
  return {
    ...{ name: data.name, rows: data.rows.count, features: rows.features, classes: data.classes },
    ...{ workers, threads, chains, why: choice?.why, groups, summary },
    forecast: forecastSweep(summary, Math.min(chainsInBatch, walkingChains(share.slot, threads))),
    ...{ chainsInBatch, share, chainsAGroup },
    neededBytes: share.shard + chainsAGroup * share.slot,
    memoryBytes: flags.memory === undefined ? undefined : memoryBytes,
    simulated: flags.simulate?.map((count) =>
      simulate({ ...run, workers: count, costs: costsOf(flags, sweepMs()) }),
    ),
    sweepMs: flags.simulate && { value: sweepMs(), measured: flags.sweepMs === undefined },
  };
}

function costsOf({ latencyMs, gbit }: PlanFlags, sweepMs: number): ScaleRun['costs'] {
  return { ...USUAL_COSTS, sweepMs, latencyMs, bytesPerMs: gbit * BYTES_PER_MS_OF_GBIT };
}

function simulate(run: ScaleRun): SimulatedRun {
  const { sweepsPerSecond, efficiency, coordinatorLoad, coordinatorMs, bytes } = playScaleRun(run);
  return { workers: run.workers, sweepsPerSecond, efficiency, coordinatorLoad, coordinatorMs, bytes };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
