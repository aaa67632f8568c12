/**
 * Whole runs over real processes on full MNIST at an annealed state, workers of one thread each: every chain on one of
 * them (S = 1) or spread over two (S = 2). Sweeps/s depend on what else the machine does, CPU time much less; so that both
 * are taken of S = 1 just before and just after S = 2.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinatorHandle } from '../src/coordinator/options.js';
import type { RunStatus } from '../src/coordinator/status.js';
import type { Rows } from '../src/posterior/rows.js';
import { cpuMsOf } from './cpu-time.js';
import { coordinatorFor, endWorkers, spawnWorker, storeAt } from './processes.js';

/** Each chain has gone through so many sweeps before a run is timed: compilers and guesses have learned. */
const LEARNING_SWEEPS = 2;
const TIMED_MS = { alone: 6_000, spread: 18_000 };

interface Sample {
  readonly status: RunStatus;
  /** CPU of this process, and of the workers together. */
  readonly coordinatorMs: number;
  readonly workersMs: number;
}

/** All a sweep of one chain, but `sweepsPerSecond`. */
interface Timed {
  readonly sweepsPerSecond: number;
  readonly coordinatorMs: number;
  readonly workersMs: number;
  readonly cpuMs: number;
  readonly rounds: number;
  readonly bytes: number;
  /** Sites walked for each that is needed. */
  readonly work: number;
}

interface Setting {
  readonly rows: Rows;
  readonly w: Uint8Array;
  readonly chains: number;
  readonly shards: number;
  readonly workers: number;
}

function sampleOf(handle: CoordinatorHandle, workers: readonly ChildProcess[]): Sample {
  const { user, system } = process.cpuUsage();
  return {
    status: handle.status(),
    coordinatorMs: (user + system) / 1000,
    workersMs: workers.reduce((sum, { pid }) => sum + cpuMsOf(pid!), 0),
  };
}

function between(from: Sample, to: Sample): Timed {
  const change = (of: (status: RunStatus) => number): number => of(to.status) - of(from.status);
  const sweeps = change(({ sweepsDone }) => sweepsDone);
  const coordinatorMs = (to.coordinatorMs - from.coordinatorMs) / sweeps;
  const workersMs = (to.workersMs - from.workersMs) / sweeps;
  const needed = change(({ sitesNeeded }) => sitesNeeded);
  return {
    ...{ coordinatorMs, workersMs, cpuMs: coordinatorMs + workersMs },
    sweepsPerSecond: sweeps / change(({ elapsedSeconds }) => elapsedSeconds),
    rounds: change(({ rounds }) => rounds) / sweeps,
    bytes: change(({ bytesReceived, bytesSent }) => bytesReceived + bytesSent) / sweeps,
    work: needed === 0 ? 1 : change(({ sitesWalked }) => sitesWalked) / needed,
  };
}

async function timeRun({ rows, w, chains, shards, workers: count }: Setting): Promise<Timed> {
  const store = await storeAt(rows, w, chains);
  const handle = await coordinatorFor({ rows, chains, shards, store, workers: count });
  const workers = Array.from({ length: count }, () => spawnWorker(handle.address));
  try {
    while (handle.status().chains.some((chain) => chain.sweep < LEARNING_SWEEPS)) {
      if (workers.some((worker) => worker.exitCode !== null))
        throw new Error('a worker ended before the run');
      await sleep(50);
    }
    const from = sampleOf(handle, workers);
    await sleep(shards === 1 ? TIMED_MS.alone : TIMED_MS.spread);
    return between(from, sampleOf(handle, workers));
  } finally {
    await handle.stop();
    await endWorkers(workers);
  }
}

function mean(a: Timed, b: Timed): Timed {
  const fields = Object.keys(a) as (keyof Timed)[];
  return Object.fromEntries(fields.map((field) => [field, (a[field] + b[field]) / 2])) as unknown as Timed;
}

/** S = 2 on two workers, and around it S = 1 on so many. */
async function timePair(setting: Omit<Setting, 'shards' | 'workers'>, workersAlone: number) {
  const before = await timeRun({ ...setting, shards: 1, workers: workersAlone });
  const spread = await timeRun({ ...setting, shards: 2, workers: 2 });
  const after = await timeRun({ ...setting, shards: 1, workers: workersAlone });
  return { alone: mean(before, after), spread };
}

/** Parts of a sweep's CPU time. `name` begins their names. */
function parts(name: string, timed: Timed): Record<string, number> {
  return {
    [`${name}_cpu_ms`]: timed.cpuMs,
    [`${name}_cpu_workers_ms`]: timed.workersMs,
    [`${name}_cpu_coordinator_ms`]: timed.coordinatorMs,
  };
}

/** Two workers, many chains: `workers2_s1_c8_sweeps_per_s`, …, and the ratios of S = 2 to S = 1. */
async function manyChains(rows: Rows, w: Uint8Array, chains: number): Promise<Record<string, number>> {
  const { alone, spread } = await timePair({ rows, w, chains }, 2);
  const name = (S: number): string => `workers2_s${S}_c${chains}`;
  return {
    [`${name(1)}_sweeps_per_s`]: alone.sweepsPerSecond,
    [`${name(2)}_sweeps_per_s`]: spread.sweepsPerSecond,
    [`workers2_s2_to_s1_c${chains}_ratio`]: spread.sweepsPerSecond / alone.sweepsPerSecond,
    ...parts(name(1), alone),
    ...parts(name(2), spread),
    [`workers2_s2_to_s1_c${chains}_cpu_ratio`]: alone.cpuMs / spread.cpuMs,
    [`workers2_s2_to_s1_c${chains}_cpu_ratio_right_guesses`]: (spread.work * alone.cpuMs) / spread.cpuMs,
    [`${name(2)}_work_sweeps`]: spread.work,
    [`${name(2)}_rounds_per_sweep`]: spread.rounds,
    [`${name(2)}_bytes_per_sweep`]: spread.bytes,
  };
}

/** One chain: `one_chain_s1_sweep_ms`, …: how long a sweep takes, and the parts that follow one another in it. */
async function oneChain(rows: Rows, w: Uint8Array): Promise<Record<string, number>> {
  const { alone, spread } = await timePair({ rows, w, chains: 1 }, 1);
  const latencyMs = 1000 / spread.sweepsPerSecond;
  return {
    one_chain_s1_sweep_ms: 1000 / alone.sweepsPerSecond,
    one_chain_s2_sweep_ms: latencyMs,
    ...parts('one_chain_s1', alone),
    ...parts('one_chain_s2', spread),
    // Both workers work at the same time, the coordinator while both wait.
    one_chain_s2_rest_ms: latencyMs - spread.coordinatorMs - spread.workersMs / 2,
    one_chain_s2_work_sweeps: spread.work,
    one_chain_s2_rounds_per_sweep: spread.rounds,
  };
}

export async function workersFigures(rows: Rows, w: Uint8Array): Promise<Record<string, number>> {
  return {
    ...(await oneChain(rows, w)),
    ...(await manyChains(rows, w, 8)),
    ...(await manyChains(rows, w, 32)),
  };
}
