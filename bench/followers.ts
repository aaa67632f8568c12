/** What clients that follow a run cost: sweeps a second with three of them and without, in turns, on the same workers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CoordinatorHandle } from '../src/coordinator/options.js';
import type { Rows } from '../src/posterior/rows.js';
import { coordinatorFor, endWorkers, spawnWorker, storeAt } from './processes.js';

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const CHAINS = 4;
const FOLLOWERS = 3;
const TURN_MS = 8_000;
const SETTLE_MS = 2_000;
/** What slows down or speeds up steadily hits both alike. */
const TURNS = ['without', 'with', 'with', 'without', 'without', 'with', 'with', 'without'] as const;

/** Reads from the draws that are there on, into nothing. */
function follow(handle: CoordinatorHandle): ChildProcess {
  const from = String(handle.status().drawsStored);
  const args = ['pull', '--coordinator', handle.address, '--follow', '--from', from];
  return spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    child.kill();
    await once(child, 'exit');
  }
}

/** Sweeps a second of all chains over one turn. */
async function turn(handle: CoordinatorHandle, followers: number): Promise<number> {
  const children = Array.from({ length: followers }, () => follow(handle));
  await sleep(SETTLE_MS);
  const before = handle.status();
  await sleep(TURN_MS);
  const after = handle.status();
  await end(children);
  return (after.sweepsDone - before.sweepsDone) / (after.elapsedSeconds - before.elapsedSeconds);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Named figures. @param w state that every chain begins at */
export async function followerFigures(rows: Rows, w: Uint8Array): Promise<Record<string, number>> {
  const store = await storeAt(rows, w, CHAINS);
  const handle = await coordinatorFor({ rows, chains: CHAINS, shards: 1, workers: 1, store });
  const workers = [spawnWorker(handle.address)];
  try {
    while (handle.status().drawsStored === 0) await sleep(100);
    const speeds = { with: [] as number[], without: [] as number[] };
    for (const kind of TURNS) speeds[kind].push(await turn(handle, kind === 'with' ? FOLLOWERS : 0));
    return {
      followers_none_sweeps_per_s: mean(speeds.without),
      followers_three_sweeps_per_s: mean(speeds.with),
      followers_slowdown_percent: 100 * (1 - mean(speeds.with) / mean(speeds.without)),
    };
  } finally {
    await handle.stop();
    await endWorkers(workers);
  }
}
