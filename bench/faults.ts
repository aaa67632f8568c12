/**
 * What faults cost, on full MNIST at an annealed state with chains spread over two workers: seconds from a worker's
 * SIGKILL until chains are walked again by as many workers as before.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinatorHandle } from '../src/coordinator/options.js';
import type { RunStatus } from '../src/coordinator/status.js';
import type { Rows } from '../src/posterior/rows.js';
import { coordinatorFor, endWorkers, spawnWorker, storeAt } from './processes.js';

const SHARDS = 2;
const CHAINS = 8;
const KILLS = 9;
/** Between two kills, so that each meets a run at full speed. */
const REST_MS = 3_000;
const POLL_MS = 5;

async function until(handle: CoordinatorHandle, wished: (status: RunStatus) => boolean): Promise<RunStatus> {
  for (;;) {
    const status = handle.status();
    if (wished(status)) return status;
    await sleep(POLL_MS);
  }
}

function working({ workers }: RunStatus): number {
  return workers.filter(({ state }) => state === 'working').length;
}

/** Seconds from the death of a worker at work to the first round of a full group after it. */
async function killOne(handle: CoordinatorHandle, children: Map<number, ChildProcess>): Promise<number> {
  const before = await until(handle, (status) => working(status) === SHARDS);
  const victim = before.workers.find(({ state }) => state === 'working')!;
  const pid = Number(victim.name.split('/')[1]);
  children.get(pid)!.kill('SIGKILL');
  const killedAt = performance.now();
  start(handle, children);
  await until(handle, ({ workers }) => workers.every(({ worker }) => worker !== victim.worker));
  const { rounds } = await until(handle, (status) => working(status) === SHARDS);
  await until(handle, (status) => status.rounds > rounds);
  return (performance.now() - killedAt) / 1000;
}

function start({ address }: CoordinatorHandle, children: Map<number, ChildProcess>): void {
  const child = spawnWorker(address);
  children.set(child.pid!, child);
}

/** @param spares workers beyond those that the chains are spread over */
async function killMany(rows: Rows, w: Uint8Array, spares: number): Promise<number[]> {
  const workers = SHARDS + spares;
  const store = await storeAt(rows, w, CHAINS);
  const handle = await coordinatorFor({ rows, chains: CHAINS, shards: SHARDS, workers, store });
  const children = new Map<number, ChildProcess>();
  for (let worker = 0; worker < workers; worker++) start(handle, children);
  try {
    const seconds: number[] = [];
    while (seconds.length < KILLS) {
      await until(handle, (status) => status.workers.length === workers && status.rounds > 0);
      await sleep(REST_MS);
      seconds.push(await killOne(handle, children));
    }
    return seconds.sort((a, b) => a - b);
  } finally {
    await handle.stop();
    await endWorkers(children.values());
  }
}

/** Named figures: `kill_to_full_speed_restarted_median_s`, …; with a spare worker at hand: `…_spare_…`. */
export async function faultFigures(rows: Rows, w: Uint8Array): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, spares] of [
    ['restarted', 0],
    ['spare', 1],
  ] as const) {
    const seconds = await killMany(rows, w, spares);
    figures[`kill_to_full_speed_${name}_median_s`] = seconds[Math.floor(seconds.length / 2)]!;
    figures[`kill_to_full_speed_${name}_max_s`] = seconds.at(-1)!;
  }
  return figures;
}
