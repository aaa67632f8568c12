/** Runs made of synthetic chains: a chain's state is a function of (chain, sweep), so that any draw can be checked. */
import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, type ModelSpec } from '../../../src/posterior/model.js';
import { packRows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { noCounts, type MoveCounts } from '../../../src/sampler/moves.js';
import { drawOfSweep, warmupDrawOfSweep, type RunPlan } from '../../../src/sampler/run-plan.js';
import { DrawDigest } from '../../../src/store/digest.js';
import type { Disk, LogFile } from '../../../src/store/files.js';
import type { RunSpec } from '../../../src/store/manifest.js';
import { scratchFolder } from '../../../src/store/run-folder.js';
import type { DrawReader, DrawStore, StoredCheckpoint, StoredDraw } from '../../../src/store/store.js';

export interface ToyOptions {
  readonly plan?: Partial<RunPlan>;
  readonly model?: Partial<ModelSpec>;
  readonly spec?: Partial<Omit<RunSpec, 'plan' | 'model'>>;
}

export function toySpec({ plan = {}, model = {}, spec = {} }: ToyOptions = {}): RunSpec {
  const features = model.features ?? 12;
  const classes = model.classes ?? 3;
  const labels = [0, 1, 2, 0, 1].map((label) => label % classes);
  const dense = Uint8Array.from({ length: features * labels.length }, (_, i) => (i % 3 === 0 ? 1 : 0));
  return {
    data: {
      name: 'toy',
      rows: packRows(dense, features, labels),
      classNames: Array.from({ length: classes }, (_, k) => String(k)),
      threshold: 33,
      sha256: 'ab'.repeat(32),
    },
    model: buildModel({ features, classes, pi: 0.3, lit: new Uint8Array(features).fill(1), ...model }),
    plan: { chains: 3, draws: 40, thin: 2, warmupBetasQ: Int32Array.of(8000, 20000, BETA_ONE_Q), ...plan },
    moves: { rows: true, swaps: true },
    seed: 7,
    versions: { package: '0.1.0', protocol: 1 },
    ...spec,
  };
}

function mixed(...values: number[]): number {
  let hash = 0x9e3779b9;
  for (const value of values) {
    hash = Math.imul(hash ^ value, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Ones in w. */
export function ones(w: Uint8Array): number {
  return w.reduce((sum, bit) => sum + bit, 0);
}

/** A chain after a number of sweeps: most weights stay as they were, and the log-likelihood tells what w must be. */
export function stateAt(spec: RunSpec, chain: number, sweep: number): StoredCheckpoint {
  const { features, classes } = spec.model;
  const w = Uint8Array.from({ length: features * classes }, (_, i) =>
    mixed(i, chain) % 4 === 0 ? mixed(i, chain, sweep) & 1 : mixed(i, chain) & 1,
  );
  const logLikQ = -(4_000_000_000 + 1000 * sweep + 10 * ones(w) + chain);
  return { chain, sweep, w, logLikQ, counts: countsSinceDraw(spec, chain, sweep) };
}

/** Moves since the last draw; none at a draw, and none in a warm-up that isn't kept. */
function countsSinceDraw({ plan }: RunSpec, chain: number, sweep: number): MoveCounts {
  const since = sweep - plan.warmupBetasQ.length;
  const sweeps = (since < 0 && plan.saveWarmup ? sweep : Math.max(0, since)) % plan.thin;
  if (sweeps === 0) return noCounts();
  return { ...noCounts(), flipsProposed: 36 * sweeps, flipsAccepted: mixed(chain, sweep) % 37 };
}

export function drawAt(spec: RunSpec, chain: number, draw: number): StoredDraw {
  return drawAfter(spec, chain, draw, spec.plan.warmupBetasQ.length + (draw + 1) * spec.plan.thin - 1);
}

export function warmupDrawAt(spec: RunSpec, chain: number, draw: number): StoredDraw {
  return drawAfter(spec, chain, draw, (draw + 1) * spec.plan.thin - 1);
}

function drawAfter(spec: RunSpec, chain: number, draw: number, sweep: number): StoredDraw {
  const state = stateAt(spec, chain, sweep + 1);
  const counts = {
    flipsProposed: 36,
    flipsAccepted: mixed(chain, draw) % 37,
    rowsProposed: draw % 3,
    rowsAccepted: 0,
    swapsProposed: 2 ** 33 + draw,
    swapsAccepted: mixed(draw) % 11,
  };
  return { chain, draw, sweep, w: state.w, logLikQ: state.logLikQ, counts };
}

/** One sweep of a chain: what there is to store after it. @returns the number of sweeps done */
export function sweepInto(store: DrawStore, spec: RunSpec, chain: number, sweep: number): number {
  const draw = drawOfSweep(spec.plan, sweep);
  const warmupDraw = warmupDrawOfSweep(spec.plan, sweep);
  if (draw >= 0) store.append(drawAt(spec, chain, draw));
  else if (warmupDraw >= 0) store.appendWarmup(warmupDrawAt(spec, chain, warmupDraw));
  else store.checkpoint(stateAt(spec, chain, sweep + 1));
  return sweep + 1;
}

/** Sweeps done by each chain as the store has them durably. */
export function durableSweeps(store: DrawStore, spec: RunSpec): number[] {
  return Array.from({ length: spec.plan.chains }, (_, chain) => store.resume.get(chain)?.sweep ?? 0);
}

/** Runs every chain on until it has `to` draws. @param sweeps sweeps done by each chain, counted up */
export function appendUpTo(
  store: DrawStore,
  spec: RunSpec,
  to: number,
  sweeps: number[] = durableSweeps(store, spec),
): void {
  const end = spec.plan.warmupBetasQ.length + to * spec.plan.thin;
  for (let chain = 0; chain < spec.plan.chains; chain++) {
    while (sweeps[chain]! < end) sweeps[chain] = sweepInto(store, spec, chain, sweeps[chain]!);
  }
}

/** Digest of the first draws of every chain, as they should be. */
export function digestUpTo(spec: RunSpec, draws: number): string {
  const digest = new DrawDigest(shapeOf(spec));
  for (let chain = 0; chain < spec.plan.chains; chain++) {
    for (let draw = 0; draw < draws; draw++) digest.add(drawAt(spec, chain, draw));
  }
  return digest.hex();
}

export function shapeOf(spec: RunSpec): { features: number; classes: number; chains: number } {
  return { features: spec.model.features, classes: spec.model.classes, chains: spec.plan.chains };
}

export async function allDraws(reader: DrawReader, from = 0, to = Infinity): Promise<StoredDraw[]> {
  const draws: StoredDraw[] = [];
  for await (const draw of reader.read(from, to)) draws.push(draw);
  return draws;
}

/** Draws `from` .. `to - 1` in the order that readers give. @param at `warmupDrawAt` for warm-up draws */
export function expectedDraws(spec: RunSpec, from: number, to: number, at = drawAt): StoredDraw[] {
  const draws: StoredDraw[] = [];
  for (let draw = from; draw < to; draw++) {
    for (let chain = 0; chain < spec.plan.chains; chain++) draws.push(at(spec, chain, draw));
  }
  return draws;
}

/** A disk that is asked for nothing but files: quick, and as good for tests that don't cut the power. */
export class PlainDisk implements Disk {
  readonly #scratch: string;
  #next = 0;

  constructor(run: string) {
    this.#scratch = scratchFolder(run);
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#scratch, String(this.#next++));
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  }

  syncFolder(): Promise<void> {
    return Promise.resolve();
  }

  async openLog(path: string): Promise<LogFile> {
    const file = await open(path, 'w');
    return {
      writeAt: async (position, bytes) => {
        await file.write(bytes, 0, bytes.length, position);
      },
      sync: () => Promise.resolve(),
      close: () => file.close(),
    };
  }
}

/** A folder that does not exist yet, in one that is removed afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'bitgibbs-store-'));
  try {
    return await work(join(parent, 'run'));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** A run in chunks of 64 draws that keeps its warm-up, long enough to be killed many times. */
export const KILLED_RUN = toySpec({
  model: { features: 1600, classes: 10 },
  plan: {
    ...{ chains: 3, draws: 150, thin: 2, saveWarmup: true },
    // 40 warm-up draws, and a sweep that belongs to none.
    warmupBetasQ: Int32Array.from({ length: 81 }, (_, i) => (i + 1) * 800),
  },
});
