/** Reads a run on disk, also while another process writes it: what readers see is what is in the arrays. */
import { InputError } from '../posterior/model.js';
import { ArrayReader } from './array-reader.js';
import { isBeingWritten } from './lock.js';
import type { RunManifest } from './manifest.js';
import { readManifest } from './manifest.js';
import type { Progress, RunStatus } from './metadata.js';
import { unpackDraw } from './row.js';
import type { DiskUse } from './run-folder.js';
import { diskUse, privateFolder, progressOf } from './run-folder.js';
import type { DrawReader, StoredDraw } from './store.js';

export class RunReader implements DrawReader {
  readonly run: string;
  readonly manifest: RunManifest;
  readonly #arrays: ArrayReader;
  #progress: Progress;

  constructor(run: string, manifest: RunManifest, progress: Progress) {
    this.run = run;
    this.manifest = manifest;
    this.#progress = progress;
    this.#arrays = new ArrayReader(run, manifest);
  }

  /** Draws that every chain has in the arrays, as of opening or the last `refresh`. */
  get horizon(): number {
    return Math.min(...this.#progress.stored);
  }

  /** Looks again how far the run is; returns the horizon. */
  async refresh(): Promise<number> {
    this.#progress = await progressOf(this.run);
    return this.horizon;
  }

  /** How the run stands; `interrupted`: it was being written, and no process does so now. */
  async status(): Promise<RunStatus | 'interrupted'> {
    const { status } = this.#progress;
    if (status !== 'running' || (await isBeingWritten(privateFolder(this.run)))) return status;
    return 'interrupted';
  }

  /** Why the run ended, where a rule decided. */
  get reason(): string | undefined {
    return this.#progress.reason;
  }

  diskUse(): Promise<DiskUse> {
    return diskUse(this.run);
  }

  async *read(from: number, to: number): AsyncIterable<StoredDraw> {
    const { features, classes, chains } = this.manifest.settings;
    const { stored } = this.#progress;
    for (const piece of this.#arrays.pieces(from, Math.min(to, this.horizon))) {
      const draws = await this.#arrays.piece(piece.from, piece.to, stored);
      for (let i = 0; i < piece.to - piece.from; i++) {
        for (let chain = 0; chain < chains; chain++) yield unpackDraw(draws[chain]![i]!, features * classes);
      }
    }
  }
}

/** Opens a run for reading. @throws InputError when there is none in the folder or its files are damaged */
export async function openRun(run: string): Promise<RunReader> {
  const manifest = await readManifest(run);
  if (!manifest) throw new InputError(`${run} holds no run (no bitgibbs.json)`);
  if (!manifest.begun) throw new InputError(`the run in ${run} is just being set up; try again in a moment`);
  return new RunReader(run, manifest, await progressOf(run));
}
