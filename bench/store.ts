/**
 * What storing and checking cost a run of full MNIST at an annealed state, every sweep a draw: in one run the store takes
 * turns with one that keeps nothing; full recomputes are counted, and one is timed.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinatorHandle } from '../src/coordinator/options.js';
import type { Rows } from '../src/posterior/rows.js';
import { WasmKernel } from '../src/kernel/wasm/wasm-kernel.js';
import { featureOwners } from '../src/sampler/owners.js';
import { ALL_MOVES, neighbourPairs } from '../src/sampler/sites.js';
import { createRun } from '../src/store/open.js';
import type { DrawReader, DrawStore, StoredCheckpoint, StoredDraw } from '../src/store/store.js';
import { coordinatorFor, DRAWS, endWorkers, spawnWorker, storeAt } from './processes.js';
import { mnistRule } from './rounds.js';

const CHAINS = 8;
const WORKERS = 2;
const TURN_MS = 8_000;
/** After a turn, until what it began has endWorkers. */
const SETTLE_MS = 1_500;
const TURNS = ['on', 'off', 'off', 'on', 'on', 'off', 'off', 'on'] as const;

/** Passes draws on to a store on disk while it is on, under numbers of their own. */
class SwitchedStore implements DrawStore {
  isOn = false;
  readonly horizon = 0;
  readonly #drawn = new Array<number>(CHAINS).fill(0);

  constructor(
    readonly start: DrawStore,
    readonly disk: DrawStore,
  ) {}

  get resume(): ReadonlyMap<number, StoredCheckpoint> {
    return this.start.resume;
  }

  append(draw: StoredDraw): void {
    if (this.isOn) this.disk.append({ ...draw, draw: this.#drawn[draw.chain]!++ });
  }

  appendWarmup(draw: StoredDraw): void {
    this.disk.appendWarmup(draw);
  }

  checkpoint(state: StoredCheckpoint): void {
    if (this.isOn) this.disk.checkpoint(state);
  }

  extend(draws: number): Promise<void> {
    return this.disk.extend(draws);
  }

  async flush(): Promise<number> {
    await this.disk.flush();
    return this.horizon;
  }

  close(outcome: 'finished' | 'stopped'): Promise<void> {
    return this.disk.close(outcome);
  }

  read(from: number, to: number): ReturnType<DrawReader['read']> {
    return this.disk.read(from, to);
  }
}

interface Tally {
  sweeps: number;
  seconds: number;
  audits: number;
}

async function takeTurns(
  handle: CoordinatorHandle,
  store: SwitchedStore,
): Promise<Record<'on' | 'off', Tally>> {
  const tallies = { on: { sweeps: 0, seconds: 0, audits: 0 }, off: { sweeps: 0, seconds: 0, audits: 0 } };
  for (const turn of TURNS) {
    store.isOn = turn === 'on';
    await sleep(SETTLE_MS);
    const from = handle.status();
    await sleep(TURN_MS);
    const to = handle.status();
    tallies[turn].sweeps += to.sweepsDone - from.sweepsDone;
    tallies[turn].seconds += to.elapsedSeconds - from.elapsedSeconds;
    tallies[turn].audits += to.audits - from.audits;
  }
  return tallies;
}

/** Seconds of a full recompute of a chain over all rows. */
function auditSeconds(rows: Rows, w: Uint8Array): number {
  const rule = mnistRule(rows, ALL_MOVES);
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(0, rows);
  const owners = featureOwners([rule.model.lit], rows.features, neighbourPairs(rule.model));
  kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, w);
  const begun = performance.now();
  for (let i = 0; i < 20; i++) kernel.audit(0);
  const seconds = (performance.now() - begun) / 1000 / 20;
  kernel.dispose();
  return seconds;
}

async function storeOn(folder: string, rows: Rows, chains: number): Promise<DrawStore> {
  const rule = mnistRule(rows, ALL_MOVES);
  return createRun(join(folder, 'run'), {
    data: { name: 'mnist', rows, classNames: [], sha256: '' },
    ...{ model: rule.model, moves: rule.moves, seed: rule.seed },
    plan: { chains, draws: DRAWS, thin: 1, warmupBetasQ: new Int32Array(0) },
    versions: { package: '', protocol: 0 },
  });
}

/** Named figures: `store_overhead_percent`, `audits_overhead_percent`, … */
export async function storeFigures(rows: Rows, w: Uint8Array): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-store-'));
  const disk = await storeOn(folder, rows, CHAINS);
  const store = new SwitchedStore(await storeAt(rows, w, CHAINS), disk);
  const handle = await coordinatorFor({ rows, chains: CHAINS, shards: 1, workers: WORKERS, store });
  const children: ChildProcess[] = Array.from({ length: WORKERS }, () => spawnWorker(handle.address));
  try {
    while (handle.status().chains.some(({ sweep }) => sweep < 2)) await sleep(50);
    const { on, off } = await takeTurns(handle, store);
    const speeds = { on: on.sweeps / on.seconds, off: off.sweeps / off.seconds };
    const auditShare =
      ((on.audits + off.audits) * auditSeconds(rows, w)) / (WORKERS * (on.seconds + off.seconds));
    return {
      store_on_sweeps_per_s: speeds.on,
      store_off_sweeps_per_s: speeds.off,
      store_overhead_percent: 100 * (1 - speeds.on / speeds.off),
      audits_overhead_percent: 100 * auditShare,
      store_and_audits_overhead_percent: 100 * (1 - speeds.on / speeds.off + auditShare),
    };
  } finally {
    await handle.stop();
    await endWorkers(children);
    rmSync(folder, { recursive: true, force: true });
  }
}
