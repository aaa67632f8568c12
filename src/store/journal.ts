/**
 * The journal: draws and checkpoints that are durable but not yet in the arrays. Segments are appended to, each record
 * with its length and checksum; a segment goes when all it holds is in the arrays or in a later segment.
 *
 *     segment  "bitgibbs journal 1\n" and the run's id, 36 characters
 *     record   length of the payload, CRC-32 of the payload (32 bits each, little-endian), payload
 *     payload  kind (1 byte: 1 a draw, 2 a checkpoint), chain, record (32 bits each, unsigned; see sections.ts; a
 *              checkpoint's record is 0), sweep, log-likelihood on the grid, six move counts since the last record
 *              (float64 each), packed weights; of a tempered chain then what its draw tells of the ladder, or all its
 *              replicas (tempering/codec.ts)
 */
import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { MoveCounts } from '../kernel/kernel.js';
import { noCounts } from '../sampler/moves.js';
import {
  decodeLadderDraw,
  decodeStates,
  encodeLadderDraw,
  encodeStates,
  ladderDrawBytes,
  statesBytes,
  type ReplicaStates,
} from '../sampler/tempering/codec.js';
import type { LadderDraw } from '../sampler/tempering/replica-exchange.js';
import type { Disk, LogFile } from './files.js';
import { damaged, diskError, isMissing } from './files.js';

const MAGIC = 'bitgibbs journal 1\n';
const HEADER_BYTES = MAGIC.length + 36;
const PREFIX = 'journal-';
const FRAME_BYTES = 8;

/** A chain's state at a sweep boundary, weights packed: `sweep` sweeps are done. */
export interface PackedState {
  readonly chain: number;
  readonly sweep: number;
  readonly packed: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the chain's last record; of a record: since the one before it. */
  readonly counts: MoveCounts;
  /** Of a tempered chain's checkpoint. */
  readonly replicas?: ReplicaStates;
}

export interface DrawEntry extends PackedState {
  readonly kind: 'draw';
  readonly record: number;
  readonly ladder?: LadderDraw;
}

export interface CheckpointEntry extends PackedState {
  readonly kind: 'checkpoint';
}

export type JournalEntry = DrawEntry | CheckpointEntry;

/** What the length of a record follows from. */
export interface EntrySize {
  /** D K */
  readonly weights: number;
  /** R of tempered chains, 0 where chains walk alone. */
  readonly replicas: number;
}

const COUNTS = Object.keys(noCounts()) as (keyof MoveCounts)[];

/** Bytes of a payload before its weights. */
const HEAD_BYTES = 9 + 8 * (2 + COUNTS.length);

/** An entry as a whole record. */
export function encodeEntry(entry: JournalEntry): Uint8Array {
  const isDraw = entry.kind === 'draw';
  const tempered = temperedBytes(entry);
  const frame = Buffer.alloc(FRAME_BYTES + HEAD_BYTES + entry.packed.length + tempered.length);
  const payload = frame.subarray(FRAME_BYTES);
  payload[0] = isDraw ? 1 : 2;
  payload.writeUInt32LE(entry.chain, 1);
  payload.writeUInt32LE(isDraw ? entry.record : 0, 5);
  const counts = COUNTS.map((count) => entry.counts[count]);
  [entry.sweep, entry.logLikQ, ...counts].forEach((value, i) => payload.writeDoubleLE(value, 9 + 8 * i));
  payload.set(entry.packed, HEAD_BYTES);
  payload.set(tempered, HEAD_BYTES + entry.packed.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt32LE(crc32(payload), 4);
  return frame;
}

function temperedBytes(entry: JournalEntry): Uint8Array {
  if (entry.kind === 'draw') return entry.ladder ? encodeLadderDraw(entry.ladder) : new Uint8Array(0);
  return entry.replicas ? encodeStates(entry.replicas) : new Uint8Array(0);
}

function temperedLength(kind: 1 | 2, { weights, replicas }: EntrySize): number {
  if (replicas === 0) return 0;
  return kind === 1 ? ladderDrawBytes(replicas) : statesBytes(replicas, weights);
}

function decodePayload(payload: Buffer, size: EntrySize): JournalEntry | undefined {
  const kind = payload[0];
  if (kind !== 1 && kind !== 2) return undefined;
  const end = HEAD_BYTES + ((size.weights + 7) >> 3);
  if (payload.length !== end + temperedLength(kind, size)) return undefined;
  const counts = noCounts();
  COUNTS.forEach((count, i) => (counts[count] = payload.readDoubleLE(25 + 8 * i)));
  const state = {
    chain: payload.readUInt32LE(1),
    sweep: payload.readDoubleLE(9),
    logLikQ: payload.readDoubleLE(17),
    counts,
    packed: Uint8Array.from(payload.subarray(HEAD_BYTES, end)),
  };
  const tempered = payload.subarray(end);
  if (kind === 1) {
    const ladder = tempered.length > 0 ? { ladder: decodeLadderDraw(tempered, size.replicas) } : {};
    return { kind: 'draw', record: payload.readUInt32LE(5), ...state, ...ladder };
  }
  const replicas =
    tempered.length > 0 ? { replicas: decodeStates(tempered, size.replicas, size.weights) } : {};
  return { kind: 'checkpoint', ...state, ...replicas };
}

/** Length of the whole record at a place, or 0 where there is none: cut off, or its checksum is wrong. */
function recordAt(bytes: Buffer, at: number): number {
  if (at + FRAME_BYTES > bytes.length) return 0;
  const length = bytes.readUInt32LE(at);
  const end = at + FRAME_BYTES + length;
  if (length === 0 || end > bytes.length) return 0;
  return crc32(bytes.subarray(at + FRAME_BYTES, end)) === bytes.readUInt32LE(at + 4) ? end - at : 0;
}

export interface SegmentContent {
  readonly path: string;
  readonly entries: JournalEntry[];
  /** Bytes up to the end of the last whole record. */
  readonly goodBytes: number;
  readonly bytes: number;
}

const REMEDY = 'remove that file to go on from the draws before it: what it held is computed again, the same';

/** Reads a segment up to a tail that a crash has torn. @throws InputError when more than the tail is damaged */
async function readSegment(path: string, runId: string, size: EntrySize): Promise<SegmentContent> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw diskError('read', path, error);
  });
  const header = `${MAGIC}${runId}`;
  // A crash can cut a new segment off within its first bytes.
  if (!header.startsWith(bytes.subarray(0, HEADER_BYTES).toString('latin1'))) {
    throw damaged(path, 'it is not the journal of this run', REMEDY);
  }
  const entries: JournalEntry[] = [];
  let at = Math.min(HEADER_BYTES, bytes.length);
  for (let length = recordAt(bytes, at); length > 0; length = recordAt(bytes, at)) {
    const entry = decodePayload(bytes.subarray(at + FRAME_BYTES, at + length), size);
    if (!entry) throw damaged(path, `unknown record at byte ${at}`, REMEDY);
    entries.push(entry);
    at += length;
  }
  if (hasRecordAfter(bytes, at)) throw damaged(path, `wrong checksum at byte ${at}`, REMEDY);
  return { path, entries, goodBytes: at, bytes: bytes.length };
}

/** Whether whole records follow a damaged one: then it was not a crash that cut the file off. */
function hasRecordAfter(bytes: Buffer, at: number): boolean {
  if (at + FRAME_BYTES > bytes.length) return false;
  const next = at + FRAME_BYTES + bytes.readUInt32LE(at);
  return next < bytes.length && recordAt(bytes, next) > 0;
}

function numberOf(path: string): number {
  return Number(path.slice(path.lastIndexOf('-') + 1));
}

async function segmentPaths(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw diskError('read', folder, error);
  });
  return names
    .filter((name) => name.startsWith(PREFIX))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => join(folder, name));
}

/** What a run's journal holds, oldest segment first; read one at a time. */
export async function* readJournal(
  folder: string,
  runId: string,
  size: EntrySize,
): AsyncIterable<SegmentContent> {
  for (const path of await segmentPaths(folder)) yield await readSegment(path, runId, size);
}

/** Cuts a torn tail off. */
export async function cutTail(segment: SegmentContent): Promise<void> {
  await truncate(segment.path, segment.goodBytes).catch((error: unknown) => {
    throw diskError('write', segment.path, error);
  });
}

export class Journal {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #runId: string;
  /** Earlier segments that are still needed. */
  #earlier: string[];
  #file: LogFile | undefined;
  #path = '';
  #end = 0;
  #next: number;

  private constructor(disk: Disk, folder: string, runId: string, earlier: string[]) {
    this.#disk = disk;
    this.#folder = folder;
    this.#runId = runId;
    this.#earlier = earlier;
    this.#next = 1 + Math.max(0, ...earlier.map(numberOf));
  }

  /** Goes on after the segments that are there. */
  static async open(disk: Disk, folder: string, runId: string): Promise<Journal> {
    return new Journal(disk, folder, runId, await segmentPaths(folder));
  }

  /** Appends records and waits until they are on the disk. After a failure the next call writes over the torn end. */
  async append(records: readonly Uint8Array[]): Promise<void> {
    if (records.length === 0) return;
    this.#file ??= await this.#begin();
    const bytes = Buffer.concat(records);
    await this.#file.writeAt(this.#end, bytes);
    await this.#file.sync();
    this.#end += bytes.length;
  }

  async #begin(): Promise<LogFile> {
    this.#path = join(this.#folder, `${PREFIX}${String(this.#next++).padStart(8, '0')}`);
    const file = await this.#disk.openLog(this.#path);
    const header = Buffer.from(`${MAGIC}${this.#runId}`, 'latin1');
    try {
      await file.writeAt(0, header);
      await this.#disk.syncFolder(this.#folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#end = header.length;
    return file;
  }

  /**
   * Ends the segment and begins the next with these records, which must be all that is still needed of the earlier
   * ones once the draws in them are in the arrays. @returns the segments to drop then
   */
  async turn(records: readonly Uint8Array[]): Promise<readonly string[]> {
    await this.#file?.close();
    if (this.#file) this.#earlier.push(this.#path);
    this.#file = undefined;
    await this.append(records);
    return [...this.#earlier];
  }

  async drop(segments: readonly string[]): Promise<void> {
    for (const path of segments) await rm(path, { force: true });
    this.#earlier = this.#earlier.filter((path) => !segments.includes(path));
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}
