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
import { lengthIn, sectionsOf, type Section } from './sections.js';
import type { DrawReader, StoredDraw } from './store.js';

class SectionReader implements DrawReader {
  readonly #arrays: ArrayReader;
  readonly #weights: number;
  readonly #stored: () => readonly number[];

  /** @param records of each chain in the arrays, over all sections */
  constructor(run: string, manifest: RunManifest, section: Section, records: () => readonly number[]) {
    const { features, classes } = manifest.settings;
    this.#arrays = new ArrayReader(run, manifest, section);
    this.#weights = features * classes;
    this.#stored = () => records().map((count) => lengthIn(section, count));
  }

  get horizon(): number {
    return Math.min(...this.#stored());
  }

  async *read(from: number, to: number): AsyncIterable<StoredDraw> {
    const stored = this.#stored();
    const { section } = this.#arrays;
    for (const piece of this.#arrays.pieces(from, Math.min(to, this.horizon))) {
      const chains = await this.#arrays.piece(piece.from, piece.to, stored);
      for (let i = 0; i < piece.to - piece.from; i++) {
        for (const draws of chains) yield unpackDraw(draws[i]!, this.#weights, section.from);
      }
    }
  }
}

export class RunReader implements DrawReader {
  readonly run: string;
  readonly manifest: RunManifest;
  /** The warm-up draws, where the run keeps them. */
  readonly warmup: DrawReader | undefined;
  readonly #sections: readonly Section[];
  readonly #draws: DrawReader;
  #progress: Progress;

  constructor(run: string, manifest: RunManifest, progress: Progress) {
    this.run = run;
    this.manifest = manifest;
    this.#progress = progress;
    this.#sections = sectionsOf(manifest.settings);
    const readers = this.#sections.map(
      (section) => new SectionReader(run, manifest, section, () => this.#progress.stored),
    );
    this.#draws = readers.pop()!;
    this.warmup = readers.pop();
  }

  /** Draws that every chain has in the arrays, as of opening or the last `refresh`. */
  get horizon(): number {
    return this.#draws.horizon;
  }

  /** Looks again how far the run is; returns the horizon. */
  async refresh(): Promise<number> {
    this.#progress = await progressOf(this.run, this.#sections);
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

  read(from: number, to: number): AsyncIterable<StoredDraw> {
    return this.#draws.read(from, to);
  }
}

/** Opens a run for reading. @throws InputError when there is none in the folder or its files are damaged */
export async function openRun(run: string): Promise<RunReader> {
  const manifest = await readManifest(run);
  if (!manifest) throw new InputError(`${run} holds no run (no bitgibbs.json)`);
  if (!manifest.begun) throw new InputError(`the run in ${run} is just being set up; try again in a moment`);
  return new RunReader(run, manifest, await progressOf(run, sectionsOf(manifest.settings)));
}
