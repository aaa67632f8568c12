/**
 * Lays rows into the chunk files of the arrays and then moves the number of draws that readers see, in one step.
 * A chunk that is not full is written again when more of its draws come.
 */
import { join } from 'node:path';
import type { ArraySpec } from './arrays.js';
import {
  chunkName,
  DRAW_COORDINATE_CHUNK,
  drawCoordinate,
  pathOf,
  placeOf,
  statisticsArrays,
  weightsArray,
} from './arrays.js';
import { encodeChunk, FULL_LEVEL, QUICK_LEVEL, readChunk } from './chunk-file.js';
import type { Disk } from './files.js';
import type { ChunkSize, RunManifest, RunSpec } from './manifest.js';
import type { GroupSpec, Progress } from './metadata.js';
import { arrayJson, groupJson, rootJson } from './metadata.js';
import type { Row } from './row.js';
import { columnOf, emptyChunk, putStatistic, putWeights, rawBytes } from './row.js';
import { drawGroups, groupsOf, makeArrayFolders, METADATA_FILE } from './run-folder.js';
import { lengthIn, sectionsOf, type Section } from './sections.js';
import type { StaticArray } from './static-arrays.js';
import { staticArrays } from './static-arrays.js';

const json = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/** Waits for all, also when one fails: nothing is still being written when the failure is told. */
async function atOnce(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason as Error;
}

/** A chunk that rows go into. */
interface Target {
  readonly group: number;
  readonly block: number;
  readonly rows: { readonly row: Row; readonly index: number }[];
  /** Whether draws that were stored before lie in it. */
  readonly begun: boolean;
  /** Whether no draw of it is still to come. */
  readonly full: boolean;
}

/** Sorts rows of a section into its chunks. @param stored draws of each chain in its arrays before these rows */
function targetsOf(
  size: ChunkSize,
  section: Section,
  rows: readonly Row[],
  stored: readonly number[],
): Target[] {
  const drawOf = (row: Row) => row.record - section.from;
  const length = section.to - section.from;
  const after = [...stored];
  for (const row of rows) after[row.chain] = drawOf(row) + 1;
  const targets = new Map<string, Target>();
  for (const row of rows) {
    const { group, block, index } = placeOf(size, row.chain, drawOf(row));
    const key = `${group}.${block}`;
    const chains = { from: group * size.chains, to: (group + 1) * size.chains };
    const target = targets.get(key) ?? {
      group,
      block,
      rows: [],
      begun: stored.slice(chains.from, chains.to).some((count) => count > block * size.draws),
      full: after
        .slice(chains.from, chains.to)
        .every((count) => count >= Math.min(length, (block + 1) * size.draws)),
    };
    target.rows.push({ row, index });
    targets.set(key, target);
  }
  return [...targets.values()];
}

export class Publisher {
  readonly #disk: Disk;
  readonly #run: string;
  readonly #manifest: RunManifest;
  readonly #sections: readonly Section[];
  readonly #static: readonly StaticArray[];
  readonly #attributes: Record<string, unknown>;
  /** Chunk files of the coordinate `draw` that are there, by section. */
  readonly #drawBlocks: number[];

  /** @param records that every chain has in the arrays */
  constructor(disk: Disk, run: string, manifest: RunManifest, spec: RunSpec, records: number) {
    this.#disk = disk;
    this.#run = run;
    this.#manifest = manifest;
    this.#sections = sectionsOf(manifest.settings);
    this.#static = staticArrays(spec);
    this.#attributes = attributesOf(manifest);
    this.#drawBlocks = this.#sections.map((section) =>
      Math.ceil(lengthIn(section, records) / DRAW_COORDINATE_CHUNK),
    );
  }

  /** Sets up the arrays without draws; may be done again after it was cut off. */
  async begin(): Promise<void> {
    const groups = groupsOf(this.#sections);
    await makeArrayFolders(this.#disk, this.#run, groups, this.#arrays(0).map(pathOf));
    for (const { spec, raw } of this.#static) {
      await this.#writeChunk(
        spec,
        spec.shape.map(() => 0),
        raw,
        FULL_LEVEL,
      );
    }
    await this.#writeArrayMetadata(0);
    await this.#writeGroups(0, groups);
    await this.#syncFolders(this.#arrays(0).map(pathOf));
    const stored = new Array<number>(this.#manifest.settings.chains).fill(0);
    await this.#moveHorizon({ status: 'running', stored });
  }

  /**
   * Adds rows, in the order of each chain's records.
   * @param before records of each chain that are in the arrays already
   */
  async publish(rows: readonly Row[], before: readonly number[], progress: Progress): Promise<void> {
    const records = Math.min(...progress.stored);
    for (const [i, section] of this.#sections.entries()) {
      const own = rows.filter(({ record }) => record >= section.from && record < section.to);
      if (own.length === 0) continue;
      const stored = before.map((count) => lengthIn(section, count));
      await this.#fillSection(section, own, stored);
      await this.#extendDrawCoordinate(i, lengthIn(section, records));
      await this.#syncFolders(this.#drawArrays(section, 0).map(pathOf));
    }
    await this.#moveHorizon(progress);
  }

  async #fillSection(section: Section, rows: readonly Row[], stored: readonly number[]): Promise<void> {
    const { chunks } = this.#manifest;
    const weights = weightsArray(this.#manifest, section, 0);
    for (const target of targetsOf(chunks.weights, section, rows, stored)) {
      await this.#fillWeights(weights, target);
    }
    const statistics = statisticsArrays(this.#manifest, section, 0);
    for (const target of targetsOf(chunks.statistics, section, rows, stored)) {
      await atOnce(statistics.map((spec) => this.#fillStatistic(spec, target)));
    }
  }

  /** Changes the status that readers see. */
  async tellStatus(progress: Progress): Promise<void> {
    await this.#moveHorizon(progress);
  }

  /** Ends the writing: packs what was packed in haste, brings the arrays' own metadata up to what the root's tells. */
  async settle(progress: Progress): Promise<void> {
    for (const section of this.#sections) {
      await this.#packTails(
        section,
        progress.stored.map((records) => lengthIn(section, records)),
      );
    }
    await this.#writeArrayMetadata(Math.min(...progress.stored));
    await this.#moveHorizon(progress);
  }

  /** Chunks of weights that are not full have been packed quickly, to be written again soon. */
  async #packTails(section: Section, stored: readonly number[]): Promise<void> {
    const { weights } = this.#manifest.chunks;
    const spec = weightsArray(this.#manifest, section, 0);
    const tails = stored.flatMap((count, chain) => {
      if (count % weights.draws === 0 || count === section.to - section.from) return [];
      const { group, block } = placeOf(weights, chain, count);
      return [`${group}.${block}`];
    });
    for (const tail of new Set(tails)) {
      const place = [...tail.split('.').map(Number), 0, 0];
      const raw = await readChunk(this.#fileOf(spec, place), rawBytes(spec));
      await this.#writeChunk(spec, place, raw, FULL_LEVEL);
    }
  }

  async #fillWeights(spec: ArraySpec, target: Target): Promise<void> {
    const { features, classes } = this.#manifest.settings;
    const place = [target.group, target.block, 0, 0];
    const raw = await this.#startOf(spec, place, target.begun);
    for (const { row, index } of target.rows) {
      putWeights(raw, features * classes, spec.chunk[1]!, index, row.packed);
    }
    await this.#writeChunk(spec, place, raw, target.full ? FULL_LEVEL : QUICK_LEVEL);
  }

  async #fillStatistic(spec: ArraySpec, target: Target): Promise<void> {
    const place = [target.group, target.block, ...spec.chunk.slice(2).map(() => 0)];
    const raw = await this.#startOf(spec, place, target.begun);
    const column = columnOf(spec, raw);
    for (const { row, index } of target.rows) putStatistic(spec, column, index, row);
    await this.#writeChunk(spec, place, raw, target.full ? FULL_LEVEL : QUICK_LEVEL);
  }

  #startOf(spec: ArraySpec, place: readonly number[], begun: boolean): Promise<Uint8Array> {
    if (!begun) return Promise.resolve(emptyChunk(spec));
    return readChunk(this.#fileOf(spec, place), rawBytes(spec));
  }

  #fileOf(spec: ArraySpec, place: readonly number[]): string {
    return join(this.#run, pathOf(spec), chunkName(place));
  }

  async #writeChunk(
    spec: ArraySpec,
    place: readonly number[],
    raw: Uint8Array,
    level: number,
  ): Promise<void> {
    await this.#disk.replace(this.#fileOf(spec, place), await encodeChunk(raw, level));
  }

  /** @param i number of a section @param draws that every chain has of it */
  async #extendDrawCoordinate(i: number, draws: number): Promise<void> {
    const { posterior, statistics } = this.#sections[i]!;
    for (let block = this.#drawBlocks[i]!; block * DRAW_COORDINATE_CHUNK < draws; block++) {
      const first = block * DRAW_COORDINATE_CHUNK;
      const numbers = BigInt64Array.from({ length: DRAW_COORDINATE_CHUNK }, (_, n) => BigInt(first + n));
      for (const group of [posterior, statistics]) {
        const spec = drawCoordinate(group, draws);
        await this.#writeChunk(spec, [block], new Uint8Array(numbers.buffer), FULL_LEVEL);
      }
      this.#drawBlocks[i] = block + 1;
    }
  }

  #drawArrays(section: Section, draws: number): ArraySpec[] {
    return [
      weightsArray(this.#manifest, section, draws),
      ...statisticsArrays(this.#manifest, section, draws),
      drawCoordinate(section.posterior, draws),
      drawCoordinate(section.statistics, draws),
    ];
  }

  /** @param records that every chain has */
  #arrays(records: number): ArraySpec[] {
    const ofDraws = this.#sections.flatMap((section) =>
      this.#drawArrays(section, lengthIn(section, records)),
    );
    return [...ofDraws, ...this.#static.map(({ spec }) => spec)];
  }

  #groups(records: number): GroupSpec[] {
    const arrays = this.#arrays(records);
    return groupsOf(this.#sections).map((name) => ({
      name,
      attributes: this.#attributes,
      arrays: arrays.filter((spec) => spec.group === name),
    }));
  }

  async #syncFolders(paths: readonly string[]): Promise<void> {
    await atOnce(paths.map((path) => this.#disk.syncFolder(join(this.#run, path))));
  }

  async #writeArrayMetadata(records: number): Promise<void> {
    for (const spec of this.#arrays(records)) {
      await this.#disk.replace(join(this.#run, pathOf(spec), METADATA_FILE), json(arrayJson(spec)));
    }
  }

  async #moveHorizon(progress: Progress): Promise<void> {
    const records = Math.min(...progress.stored);
    const [attributes, sections] = [this.#attributes, this.#sections];
    const root = rootJson({ attributes, sections }, progress, this.#groups(records));
    await this.#disk.replace(join(this.#run, METADATA_FILE), json(root));
    await this.#disk.syncFolder(this.#run);
    await this.#writeGroups(records, drawGroups(sections));
  }

  async #writeGroups(records: number, names: readonly string[]): Promise<void> {
    for (const group of this.#groups(records).filter(({ name }) => names.includes(name))) {
      await this.#disk.replace(join(this.#run, group.name, METADATA_FILE), json(groupJson(group)));
    }
  }
}

/** What ArviZ knows a run by. */
function attributesOf(manifest: RunManifest): Record<string, unknown> {
  return {
    created_at: manifest.createdAt,
    creation_library: 'bitgibbs',
    creation_library_version: manifest.versions.package,
    creation_library_language: 'TypeScript',
    inference_library: 'bitgibbs',
    inference_library_version: manifest.versions.package,
    tuning_steps: manifest.settings.warmupBetasQ.length,
    thinning: manifest.settings.thin,
    run_id: manifest.runId,
    data_name: manifest.data,
  };
}
