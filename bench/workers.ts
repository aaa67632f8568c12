/**
 * Whole runs over real processes: sweeps/s of full MNIST at an annealed state with two workers of one thread each, every
 * chain on one of them (S = 1) or spread over both (S = 2).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStatus } from '../src/coordinator/status.js';
import type { Rows } from '../src/posterior/rows.js';
import { coordinatorFor, endWorkers, spawnWorker, storeAt } from './processes.js';

const WORKERS = 2;
const TIMED_MS = 15_000;

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
  const store = await storeAt(rows, w, chains);
  const handle = await coordinatorFor({ rows, chains, shards, store, workers: WORKERS });
  const workers = Array.from({ length: WORKERS }, () => spawnWorker(handle.address));
  try {
    // Every chain has begun, and compilers have finished, when each has gone through a sweep.
    while (handle.status().chains.some((chain) => chain.sweep < 1)) {
      if (workers.some((worker) => worker.exitCode !== null))
        throw new Error('a worker endWorkers before the run');
      await sleep(50);
    }
    const from = handle.status();
    await sleep(TIMED_MS);
    return between(from, handle.status());
  } finally {
    await handle.stop();
    await endWorkers(workers);
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
