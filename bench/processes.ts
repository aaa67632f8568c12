/** Runs of full MNIST over real processes: the coordinator here, workers of one thread each beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startCoordinator } from '../src/coordinator/coordinator.js';
import type { CoordinatorHandle } from '../src/coordinator/options.js';
import type { Rows } from '../src/posterior/rows.js';
import type { ChainRule } from '../src/kernel/kernel.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { noCounts } from '../src/sampler/moves.js';
import { featureOwners } from '../src/sampler/owners.js';
import { ALL_MOVES, neighbourPairs } from '../src/sampler/sites.js';
import { MemoryStore } from '../src/store/memory-store.js';
import type { DrawStore } from '../src/store/store.js';
import { mnistRule } from './rounds.js';

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
/** More draws than any of these runs reaches. */
export const DRAWS = 100_000;

function logLikQOf(rule: ChainRule, rows: Rows, w: Uint8Array): number {
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(0, rows);
  const owners = featureOwners([rule.model.lit], rows.features, neighbourPairs(rule.model));
  const { logLikQ } = kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, w);
  kernel.dispose();
  return logLikQ;
}

/** A store that says every chain stands at w before its first sweep. */
export async function storeAt(rows: Rows, w: Uint8Array, chains: number): Promise<MemoryStore> {
  const logLikQ = logLikQOf(mnistRule(rows, ALL_MOVES), rows, w);
  const store = new MemoryStore(chains, w.length);
  for (let chain = 0; chain < chains; chain++) {
    store.checkpoint({ chain, sweep: 0, w, logLikQ, counts: noCounts() });
  }
  await store.flush();
  return store;
}

export interface RunSettings {
  readonly rows: Rows;
  readonly chains: number;
  readonly shards: number;
  readonly workers: number;
  readonly store: DrawStore;
}

/** A coordinator that waits for its workers; every sweep is a draw. */
export function coordinatorFor(settings: RunSettings): Promise<CoordinatorHandle> {
  const { rows, chains, shards, workers, store } = settings;
  return startCoordinator({
    ...{ rows, shards, store, rule: mnistRule(rows, ALL_MOVES) },
    plan: { chains, draws: DRAWS, thin: 1, warmupBetasQ: new Int32Array(0) },
    ...{ dataSha256: '', listen: '127.0.0.1:0', waitForWorkers: workers, log: () => undefined },
  });
}

export function spawnWorker(coordinator: string): ChildProcess {
  const flags = ['--coordinator', coordinator, '--threads', '1', '--kernel', 'wasm'];
  return spawn(process.execPath, [MAIN, 'worker', ...flags], { stdio: 'ignore' });
}

/** Ends workers: one whose coordinator was stopped would wait for it to come back. */
export async function endWorkers(workers: Iterable<ChildProcess>): Promise<void> {
  for (const worker of workers) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    worker.kill();
    await once(worker, 'exit');
  }
}
