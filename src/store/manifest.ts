/**
 * What a run is: its data, model and settings. Written once (only the number of draws may grow later); a run goes on
 * only with the settings it began with, because anything else would be another chain.
 */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FeatureGrid, Model } from '../posterior/model.js';
import { InputError } from '../posterior/model.js';
import type { Rows } from '../posterior/rows.js';
import { STREAM_VERSION } from '../posterior/stream.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import type { RunPlan, Tempering } from '../sampler/run-plan.js';
import type { Moves } from '../sampler/sites.js';
import type { Disk } from './files.js';
import { damaged, readIfThere, sealedJson, unsealJson } from './files.js';

export const MANIFEST_FILE = 'bitgibbs.json';

/** Version of a run's folder: files, journal and array layout. */
export const FORMAT_VERSION = 1;

/** The data of a run, as the store needs them (a DataSet has all of it). */
export interface RunData {
  readonly name: string;
  /** Training rows. */
  readonly rows: Rows;
  readonly classNames: readonly string[];
  /** Held-out rows that can't be found again by the data set's name. */
  readonly ownTest?: Rows;
  /** A raw value above this is a 1; absent where the data were binary already. */
  readonly threshold?: number;
  /** SHA-256 of the training rows, hex. */
  readonly sha256: string;
}

/** Everything that makes a run. */
export interface RunSpec {
  readonly data: RunData;
  readonly model: Model;
  readonly plan: RunPlan;
  readonly moves: Moves;
  readonly seed: number;
  readonly versions: { readonly package: string; readonly protocol: number };
}

/** What a chain depends on; none of it may change when a run goes on. */
export interface RunSettings {
  readonly stream: number;
  readonly dataSha256: string;
  readonly images: number;
  readonly threshold: number | null;
  readonly features: number;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly pinned: boolean;
  readonly grid: FeatureGrid;
  readonly priorSha256: string;
  readonly moves: Moves;
  readonly seed: number;
  readonly chains: number;
  readonly thin: number;
  /** Inverse temperature of each warm-up sweep in 1 / 65,536. */
  readonly warmupBetasQ: readonly number[];
  /** Whether warm-up draws are kept; absent where they are not. */
  readonly saveWarmup?: true;
  /** Null or absent where chains walk alone. */
  readonly tempering?: Tempering | null;
}

/** Chains and draws of one chunk file. */
export interface ChunkSize {
  readonly chains: number;
  readonly draws: number;
}

export interface RunManifest {
  readonly format: number;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly data: string;
  /** Of the program that began the run. */
  readonly versions: { readonly package: string; readonly protocol: number };
  readonly settings: RunSettings;
  /** Held-out rows that the run keeps; absent where it keeps none. */
  readonly testRows?: number;
  /** Whether its arrays had been set up when this was written. */
  readonly begun: boolean;
  /** Draws a chain that the run is to have. */
  readonly draws: number;
  readonly chunks: { readonly weights: ChunkSize; readonly statistics: ChunkSize };
}

/** How a setting is called in messages. */
const NAMES: Required<Record<keyof RunSettings, string>> = {
  stream: 'random stream version',
  dataSha256: 'data set (SHA-256 of the rows)',
  images: 'images',
  threshold: 'threshold',
  features: 'features',
  classes: 'classes',
  classNames: 'classes (their names)',
  pinned: 'pinned class',
  grid: 'feature grid',
  priorSha256: 'prior (SHA-256 of the log-odds)',
  moves: 'moves',
  seed: 'seed',
  chains: 'chains',
  thin: 'thin',
  warmupBetasQ: 'warm-up (sweeps or inverse temperatures)',
  tempering: 'tempering',
  saveWarmup: 'saving of the warm-up (--save-warmup)',
};

function priorSha256(model: Model): string {
  const bytes = Buffer.alloc(4 * model.priorQ.length);
  model.priorQ.forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
  return createHash('sha256').update(bytes).digest('hex');
}

export function settingsOf(spec: RunSpec): RunSettings {
  const { data, model, plan, moves, seed } = spec;
  return {
    stream: STREAM_VERSION,
    dataSha256: data.sha256,
    images: data.rows.count,
    threshold: data.threshold ?? null,
    features: model.features,
    classes: model.classes,
    classNames: [...data.classNames],
    pinned: model.pinned,
    grid: { rows: model.grid.rows, columns: model.grid.columns },
    priorSha256: priorSha256(model),
    moves: { rows: moves.rows, swaps: moves.swaps },
    seed,
    chains: plan.chains,
    thin: plan.thin,
    warmupBetasQ: [...plan.warmupBetasQ],
    ...(plan.saveWarmup ? { saveWarmup: true } : {}),
    tempering: plan.tempering ?? null,
  };
}

const CHUNK_BYTES = 2 ** 20;

function powerOfTwoBelow(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, 2 ** Math.floor(Math.log2(Math.max(1, value)))));
}

/** About 1 MiB of uncompressed bytes a chunk: enough draws to compress well, little enough to be rewritten often. */
function chunksFor(settings: RunSettings): RunManifest['chunks'] {
  const { features, classes, chains } = settings;
  const size = (drawBytes: number, mostDraws: number): ChunkSize => {
    const draws = powerOfTwoBelow(CHUNK_BYTES / drawBytes, 4, mostDraws);
    return { draws, chains: Math.min(chains, Math.max(1, Math.floor(CHUNK_BYTES / (drawBytes * draws)))) };
  };
  return { weights: size(features * classes, 4096), statistics: size(24, 1024) };
}

export function newManifest(spec: RunSpec): RunManifest {
  const settings = settingsOf(spec);
  return {
    format: FORMAT_VERSION,
    runId: randomUUID(),
    createdAt: new Date().toISOString(),
    data: spec.data.name,
    versions: spec.versions,
    settings,
    ...(spec.data.ownTest ? { testRows: spec.data.ownTest.count } : {}),
    begun: false,
    draws: spec.plan.draws,
    chunks: chunksFor(settings),
  };
}

function temperingBriefly({ replicas, betaMinQ, exchangeEvery, annealSweeps }: Tempering): string {
  const from = (betaMinQ / BETA_ONE_Q).toFixed(4);
  return `${replicas} replicas from beta ${from}, exchanged every ${exchangeEvery} sweeps after ${annealSweeps}`;
}

function briefly(field: keyof RunSettings, value: unknown): string {
  if (field === 'warmupBetasQ') {
    const betas = value as readonly number[];
    return `${betas.length} sweeps from beta ${((betas[0] ?? BETA_ONE_Q) / BETA_ONE_Q).toFixed(4)}`;
  }
  if (field === 'saveWarmup') return value ? 'on' : 'off';
  if (field === 'tempering') return value ? temperingBriefly(value as Tempering) : 'none';
  if (field === 'dataSha256' || field === 'priorSha256') return `${String(value).slice(0, 12)}…`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * The manifest of a run that goes on with this specification.
 * @throws InputError naming the field that differs from how the run began
 */
export function continuedManifest(manifest: RunManifest, spec: RunSpec, run: string): RunManifest {
  const now = settingsOf(spec);
  for (const field of Object.keys(NAMES) as (keyof RunSettings)[]) {
    if (JSON.stringify(now[field] ?? null) === JSON.stringify(manifest.settings[field] ?? null)) continue;
    throw new InputError(
      `cannot go on with the run in ${run}: its ${NAMES[field]} is ${briefly(field, manifest.settings[field])}, ` +
        `not ${briefly(field, now[field])}`,
    );
  }
  if (spec.plan.draws < manifest.draws) {
    throw new InputError(
      `cannot go on with the run in ${run}: its draws are ${manifest.draws} and may grow, not shrink to ${spec.plan.draws}`,
    );
  }
  return { ...manifest, draws: spec.plan.draws };
}

export async function writeManifest(disk: Disk, run: string, manifest: RunManifest): Promise<void> {
  await disk.replace(join(run, MANIFEST_FILE), sealedJson(manifest));
  await disk.syncFolder(run);
}

/** The manifest of the run in a folder; nothing where there is none. @throws InputError when it is damaged or newer */
export async function readManifest(run: string): Promise<RunManifest | undefined> {
  const path = join(run, MANIFEST_FILE);
  const bytes = await readIfThere(path);
  if (!bytes) return undefined;
  const manifest = unsealJson(bytes, path) as unknown as RunManifest;
  if (manifest.format !== FORMAT_VERSION) {
    throw new InputError(
      `${path} has format ${manifest.format}, this bitgibbs reads format ${FORMAT_VERSION}: use the version that wrote it`,
    );
  }
  if (!manifest.settings || !manifest.chunks) throw damaged(path, 'fields are missing');
  return manifest;
}
