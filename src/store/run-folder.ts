/**
 * A run's folder: where things lie in it, how it begins, how it is removed.
 *
 *     bitgibbs.json            the manifest
 *     zarr.json                all metadata, and how many draws there are
 *     posterior/ sample_stats/ constant_data/ observed_data/, and warmup_posterior/ warmup_sample_stats/ on request
 *     .bitgibbs/               journal, lock, files not yet whole
 *     run.log                  what the processes of the run said (written by the command line)
 */
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../posterior/model.js';
import type { Disk } from './files.js';
import { damaged, diskError, isMissing, readIfThere } from './files.js';
import { LOCK_PREFIX } from './lock.js';
import { MANIFEST_FILE } from './manifest.js';
import type { Progress } from './metadata.js';
import { readProgress } from './metadata.js';
import type { Section } from './sections.js';

const GROUPS = ['constant_data', 'observed_data'];
/** All groups that a run's folder may have. */
const ANY_GROUPS = [...GROUPS, ...['posterior', 'sample_stats', 'warmup_posterior', 'warmup_sample_stats']];
export const METADATA_FILE = 'zarr.json';
const PRIVATE_FOLDER = '.bitgibbs';
export const LOG_FILE = 'run.log';

/** The manifest goes last, so that a removal cut off halfway can be done again. */
const CONTENT = [METADATA_FILE, ...ANY_GROUPS, LOG_FILE, MANIFEST_FILE];

/** The groups whose arrays have draws. */
export function drawGroups(sections: readonly Section[]): string[] {
  return sections.flatMap(({ posterior, statistics }) => [posterior, statistics]);
}

export function groupsOf(sections: readonly Section[]): string[] {
  return [...drawGroups(sections), ...GROUPS];
}

export const privateFolder = (run: string): string => join(run, PRIVATE_FOLDER);
export const scratchFolder = (run: string): string => join(run, PRIVATE_FOLDER, 'scratch');

async function entriesOf(run: string): Promise<string[]> {
  try {
    return await readdir(run);
  } catch (error) {
    if (isMissing(error)) return [];
    throw diskError('read', run, error);
  }
}

/** @throws InputError when a new run may not begin in this folder */
export async function checkNewRun(run: string, force: boolean): Promise<void> {
  const entries = await entriesOf(run);
  const isRun = entries.includes(MANIFEST_FILE);
  // A run that was cut off before its manifest was there has nothing but the private folder.
  const foreign = entries.filter((name) => name !== PRIVATE_FOLDER && !(isRun && CONTENT.includes(name)));
  if (foreign.length > 0) {
    throw new InputError(
      `${run} holds files that are not a bitgibbs run's (${foreign[0]}): take another --out or empty it by hand`,
    );
  }
  if (isRun && !force) {
    throw new InputError(
      `${run} holds a run: go on with --resume, replace it with --force, or take another --out`,
    );
  }
}

/** Removes the run in a folder; to be called by who holds its lock, or has closed the run. */
export async function removeRun(run: string): Promise<void> {
  const inside = (await entriesOf(privateFolder(run)))
    .filter((name) => !name.startsWith(LOCK_PREFIX))
    .map((name) => join(privateFolder(run), name));
  for (const path of [...inside, ...CONTENT.map((name) => join(run, name))]) {
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      throw diskError('remove', path, error);
    });
  }
  // Stays while a lock is in it.
  await rmdir(privateFolder(run)).catch(() => undefined);
}

/** Makes the folder of a run and its private folder. */
export async function preparePrivateFolder(run: string): Promise<void> {
  try {
    await mkdir(scratchFolder(run), { recursive: true });
  } catch (error) {
    throw diskError('make', run, error);
  }
}

/** Removes files that an earlier process did not finish; to be called by who holds the lock. */
export async function clearScratch(run: string): Promise<void> {
  const folder = scratchFolder(run);
  for (const name of await entriesOf(folder)) {
    await rm(join(folder, name), { force: true }).catch((error: unknown) => {
      throw diskError('write', folder, error);
    });
  }
}

/** Makes the folders of groups and of the arrays in them. */
export async function makeArrayFolders(
  disk: Disk,
  run: string,
  groups: readonly string[],
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    await mkdir(join(run, path), { recursive: true }).catch((error: unknown) => {
      throw diskError('make', join(run, path), error);
    });
  }
  for (const folder of [...groups.map((group) => join(run, group)), run]) await disk.syncFolder(folder);
}

/** How far the arrays of a run are. */
export async function progressOf(run: string, sections: readonly Section[]): Promise<Progress> {
  const path = join(run, METADATA_FILE);
  const bytes = await readIfThere(path);
  if (!bytes) throw damaged(path, 'it is missing');
  return readProgress(bytes, path, sections);
}

async function bytesUnder(path: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    // Scratch files and journal segments may go at any moment.
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    sum += found?.size ?? 0;
  }
  return sum;
}

export interface DiskUse {
  readonly totalBytes: number;
  /** Chunk files of the weights, warm-up left out. */
  readonly weightBytes: number;
}

export async function diskUse(run: string): Promise<DiskUse> {
  try {
    return { totalBytes: await bytesUnder(run), weightBytes: await bytesUnder(join(run, 'posterior', 'w')) };
  } catch (error) {
    throw diskError('read', run, error);
  }
}
