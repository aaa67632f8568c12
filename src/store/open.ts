/** Begins a run on disk, or goes on with one. */
import { InputError } from '../posterior/model.js';
import { isTempered } from '../sampler/tempering/tempering.js';
import { ArrayReader } from './array-reader.js';
import { ChainTail } from './chain-tail.js';
import type { Disk } from './files.js';
import { RealDisk } from './files.js';
import type { JournalEntry, PackedState } from './journal.js';
import { cutTail, Journal, readJournal } from './journal.js';
import { WriterLock } from './lock.js';
import type { RunManifest, RunSpec } from './manifest.js';
import { continuedManifest, newManifest, readManifest, writeManifest } from './manifest.js';
import { Publisher } from './publisher.js';
import { rowMaker } from './row.js';
import {
  checkNewRun,
  clearScratch,
  preparePrivateFolder,
  privateFolder,
  progressOf,
  removeRun,
  scratchFolder,
} from './run-folder.js';
import { recordName, sectionsOf } from './sections.js';
import { ZarrStore } from './zarr-store.js';

export interface WriteOptions {
  /** See `StoreParts`. */
  readonly publishEveryMs?: number;
  /** The file system unless told otherwise. */
  readonly disk?: Disk;
}

/**
 * Begins a run in a folder that is empty or absent; with `force` also in place of another run.
 * @throws InputError when the folder holds something else, is being written, or can't be written
 */
export async function createRun(
  run: string,
  spec: RunSpec,
  options: WriteOptions & { readonly force?: boolean } = {},
): Promise<ZarrStore> {
  const disk = options.disk ?? new RealDisk(scratchFolder(run));
  await checkNewRun(run, options.force ?? false);
  await preparePrivateFolder(run);
  const lock = await WriterLock.take(privateFolder(run), run, disk);
  return releasing(lock, async () => {
    await removeRun(run);
    await preparePrivateFolder(run);
    const manifest = newManifest(spec);
    await writeManifest(disk, run, manifest);
    return begin(run, manifest, spec, lock, disk, options);
  });
}

/**
 * Goes on with the run in a folder, from what is durable.
 * @throws InputError when there is none, another process writes it, a setting differs, or its files are damaged
 */
export async function resumeRun(run: string, spec: RunSpec, options: WriteOptions = {}): Promise<ZarrStore> {
  const disk = options.disk ?? new RealDisk(scratchFolder(run));
  // Refused before anything is written.
  continuedManifest(await manifestOf(run), spec, run);
  await preparePrivateFolder(run);
  const lock = await WriterLock.take(privateFolder(run), run, disk);
  return releasing(lock, async () => {
    const found = await manifestOf(run);
    const manifest = continuedManifest(found, spec, run);
    await clearScratch(run);
    if (!found.begun) return begin(run, manifest, spec, lock, disk, options);
    if (manifest.draws !== found.draws) await writeManifest(disk, run, manifest);
    return goOn(run, manifest, spec, lock, disk, options);
  });
}

async function releasing<T>(lock: WriterLock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function manifestOf(run: string): Promise<RunManifest> {
  const manifest = await readManifest(run);
  if (!manifest) throw new InputError(`${run} holds no run (no bitgibbs.json); begin one without --resume`);
  return manifest;
}

async function begin(
  run: string,
  manifest: RunManifest,
  spec: RunSpec,
  lock: WriterLock,
  disk: Disk,
  options: WriteOptions,
): Promise<ZarrStore> {
  const publisher = new Publisher(disk, run, manifest, spec, 0);
  await publisher.begin();
  const begun = { ...manifest, begun: true };
  await writeManifest(disk, run, begun);
  const journal = await Journal.open(disk, privateFolder(run), manifest.runId);
  const tails = Array.from(
    { length: spec.plan.chains },
    () => new ChainTail(0, undefined, isTempered(spec.plan)),
  );
  const { publishEveryMs } = options;
  return new ZarrStore({
    ...{ run, lock, journal, publisher, tails, publishEveryMs },
    writeManifest: (changed) => writeManifest(disk, run, changed),
    ...{ manifest: begun, model: spec.model, notices: [] },
  });
}

async function goOn(
  run: string,
  manifest: RunManifest,
  spec: RunSpec,
  lock: WriterLock,
  disk: Disk,
  options: WriteOptions,
): Promise<ZarrStore> {
  const sections = sectionsOf(manifest.settings);
  const { stored } = await progressOf(run, sections);
  const tails: ChainTail[] = [];
  for (const [chain, count] of stored.entries()) {
    tails.push(new ChainTail(count, await lastState(run, manifest, chain, count), isTempered(spec.plan)));
  }
  const notices = await replayJournal(run, manifest, spec, tails);
  const publisher = new Publisher(disk, run, manifest, spec, Math.min(...stored));
  const journal = await Journal.open(disk, privateFolder(run), manifest.runId);
  await publisher.tellStatus({ status: 'running', stored });
  const { publishEveryMs } = options;
  return new ZarrStore({
    ...{ run, lock, journal, publisher, tails, publishEveryMs },
    writeManifest: (changed) => writeManifest(disk, run, changed),
    ...{ manifest, model: spec.model, notices },
  });
}

/** The state at the end of a chain's last record in the arrays; nothing where it has none. */
async function lastState(
  run: string,
  manifest: RunManifest,
  chain: number,
  stored: number,
): Promise<PackedState | undefined> {
  const section = sectionsOf(manifest.settings).findLast(({ from }) => from < stored);
  return section && new ArrayReader(run, manifest, section).lastState(chain, stored - section.from);
}

/** Takes up what is in the journal and not in the arrays. @returns what was amiss, in words */
async function replayJournal(
  run: string,
  manifest: RunManifest,
  spec: RunSpec,
  tails: readonly ChainTail[],
): Promise<string[]> {
  const notices: string[] = [];
  const rowOf = rowMaker(spec.model, spec.plan.warmupBetasQ);
  const gaps = new Set<number>();
  const take = (entry: JournalEntry): void => {
    const tail = tails[entry.chain]!;
    if (entry.kind === 'checkpoint') {
      tail.durableCheckpoint = entry;
      return;
    }
    if (entry.record > tail.length) gaps.add(entry.chain);
    if (entry.record !== tail.length) return;
    tail.rows.push(rowOf(entry));
    tail.durable = tail.length;
  };
  const weights = spec.model.features * spec.model.classes;
  const size = { weights, replicas: spec.plan.tempering?.replicas ?? 0 };
  for await (const segment of readJournal(privateFolder(run), manifest.runId, size)) {
    segment.entries.forEach(take);
    if (segment.goodBytes === segment.bytes) continue;
    notices.push(
      `${segment.path}: its last ${segment.bytes - segment.goodBytes} bytes were cut off by a crash`,
    );
    await cutTail(segment);
  }
  for (const chain of gaps) {
    notices.push(
      `chain ${chain}: ${recordName(spec.plan, tails[chain]!.length)} and those after it are not in the journal; they are computed again`,
    );
  }
  return notices;
}
