/**
 * Whole runs over real processes: sweeps/s of full MNIST at an annealed state with two workers of one thread each, every
 * chain on one of them (S = 1) or spread over both (S = 2).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startCoordinator } from '../src/coordinator/coordinator.js';
import type { RunStatus } from '../src/coordinator/status.js';
import type { Rows } from '../src/posterior/rows.js';
import type { ChainRule } from '../src/kernel/kernel.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { noCounts } from '../src/sampler/moves.js';
import { featureOwners } from '../src/sampler/owners.js';
import { ALL_MOVES, neighbourPairs } from '../src/sampler/sites.js';
import { MemoryStore } from '../src/store/memory-store.js';
import { mnistRule } from './rounds.js';

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const WORKERS = 2;
/** More draws than any of these runs reaches. */
const DRAWS = 100_000;
const TIMED_MS = 15_000;

function logLikQOf(rule: ChainRule, rows: Rows, w: Uint8Array): number {
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(0, rows);
  const owners = featureOwners([rule.model.lit], rows.features, neighbourPairs(rule.model));
  const { logLikQ } = kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, w);
  kernel.dispose();
  return logLikQ;
}

/** A store that says every chain stands at w before its first sweep. */
async function storeAt(chains: number, w: Uint8Array, logLikQ: number): Promise<MemoryStore> {
  const store = new MemoryStore(chains, w.length);
  for (let chain = 0; chain < chains; chain++) {
    store.checkpoint({ chain, sweep: 0, w, logLikQ, counts: noCounts() });
  }
  await store.flush();
  return store;
}

function spawnWorker(coordinator: string): ChildProcess {
  const flags = ['--coordinator', coordinator, '--threads', '1', '--kernel', 'wasm'];
  return spawn(process.execPath, [MAIN, 'worker', ...flags], { stdio: 'ignore' });
}

async function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
}

interface Timed {
  readonly sweepsPerSecond: number;
  readonly roundsPerSweep: number;
  readonly bytesPerSweep: number;
}

function between(from: RunStatus, to: RunStatus): Timed {
  const sweeps = to.sweepsDone - from.sweepsDone;
  const bytes = to.bytesReceived + to.bytesSent - from.bytesReceived - from.bytesSent;
  return {
    sweepsPerSecond: sweeps / (to.elapsedSeconds - from.elapsedSeconds),
    roundsPerSweep: (to.rounds - from.rounds) / sweeps,
    bytesPerSweep: bytes / sweeps,
  };
}

async function timeRun(rows: Rows, w: Uint8Array, chains: number, shards: number): Promise<Timed> {
  const rule = mnistRule(rows, ALL_MOVES);
  const store = await storeAt(chains, w, logLikQOf(rule, rows, w));
  const handle = await startCoordinator({
    ...{ rule, store },
    plan: { chains, draws: DRAWS, thin: 1, warmupBetasQ: new Int32Array(0) },
    ...{ rows, dataSha256: '', shards, listen: '127.0.0.1:0' },
    ...{ waitForWorkers: WORKERS, log: () => undefined },
  });
  const workers = Array.from({ length: WORKERS }, () => spawnWorker(handle.address));
  try {
    // Every chain has begun, and compilers have finished, when each has gone through a sweep.
    while (handle.status().chains.some((chain) => chain.sweep < 1)) {
      if (workers.some((worker) => worker.exitCode !== null))
        throw new Error('a worker ended before the run');
      await sleep(50);
    }
    const from = handle.status();
    await sleep(TIMED_MS);
    return between(from, handle.status());
  } finally {
    await handle.stop();
    await Promise.all(workers.map(ended));
  }
}

/** Named figures: `workers2_s1_c8_sweeps_per_s`, …, and the ratio of S = 2 to S = 1. */
export async function workersFigures(rows: Rows, w: Uint8Array): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const chains of [8, 32]) {
    const alone = await timeRun(rows, w, chains, 1);
    const spread = await timeRun(rows, w, chains, 2);
    figures[`workers2_s1_c${chains}_sweeps_per_s`] = alone.sweepsPerSecond;
    figures[`workers2_s2_c${chains}_sweeps_per_s`] = spread.sweepsPerSecond;
    figures[`workers2_s2_to_s1_c${chains}_ratio`] = spread.sweepsPerSecond / alone.sweepsPerSecond;
    figures[`workers2_s2_c${chains}_rounds_per_sweep`] = spread.roundsPerSweep;
    figures[`workers2_s2_c${chains}_bytes_per_sweep`] = spread.bytesPerSweep;
  }
  return figures;
}
