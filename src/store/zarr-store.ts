/**
 * The draws of a run on disk. A draw is durable when it is in the journal (`flush`); from there it goes into the
 * arrays, in the background and not more often than costs little, and then readers see it.
 */
import type { Model } from '../posterior/model.js';
import { packWeights } from '../posterior/weights.js';
import { ArrayReader } from './array-reader.js';
import type { ChainTail } from './chain-tail.js';
import type { Journal } from './journal.js';
import { encodeEntry } from './journal.js';
import type { WriterLock } from './lock.js';
import type { RunManifest } from './manifest.js';
import type { RunStatus } from './metadata.js';
import type { Publisher } from './publisher.js';
import type { Row } from './row.js';
import { rowMaker, unpackDraw } from './row.js';
import { lengthIn, recordName, samplingSection, type Section } from './sections.js';
import type { DrawStore, StoredCheckpoint, StoredDraw } from './store.js';

/** The arrays are brought up to date at most this often, and take at most this part of the time. */
const PUBLISH_EVERY_MS = 1_000;
const PUBLISH_SHARE = 1 / 50;
/** Rows held in memory, in bytes, from which on the arrays come first. */
const PENDING_LIMIT = 16 * 2 ** 20;
/** What a row takes in memory beside its weights, about. */
const ROW_BYTES = 700;

/** What a store is put together from; see open.ts. */
export interface StoreParts {
  readonly run: string;
  readonly manifest: RunManifest;
  readonly model: Model;
  readonly lock: WriterLock;
  readonly journal: Journal;
  readonly publisher: Publisher;
  /** Replaces the manifest on disk. */
  readonly writeManifest: (manifest: RunManifest) => Promise<void>;
  readonly tails: readonly ChainTail[];
  /** What was found amiss and mended when the run was opened, in words. */
  readonly notices: readonly string[];
  /** Time between two updates of the arrays, milliseconds; chosen by what one takes unless told. */
  readonly publishEveryMs?: number;
}

/** Rows to lay into the arrays: the durable ones of each chain at one moment. */
interface Batch {
  readonly rows: readonly Row[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly oldSegments: readonly string[];
}

export class ZarrStore implements DrawStore {
  readonly notices: readonly string[];
  readonly #parts: StoreParts;
  readonly #tails: readonly ChainTail[];
  readonly #weights: number;
  readonly #rowBytes: number;
  readonly #rowOf: ReturnType<typeof rowMaker>;
  readonly #sampling: Section;
  readonly #reader: ArrayReader;
  /** Records that are not in the journal yet. */
  #unsaved: Uint8Array[] = [];
  readonly #unsavedCheckpoints = new Set<number>();
  #manifest: RunManifest;
  /** The manifest on disk tells of fewer draws. */
  #isExtended = false;
  #queue: Promise<unknown> = Promise.resolve();
  #publishing: Promise<void> | undefined;
  #publishError: unknown;
  #publishAt = 0;
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#manifest = parts.manifest;
    this.notices = parts.notices;
    this.#tails = parts.tails;
    this.#weights = parts.model.features * parts.model.classes;
    this.#rowBytes = ROW_BYTES + this.#weights / 8;
    const { settings } = parts.manifest;
    this.#rowOf = rowMaker(parts.model, settings.warmupBetasQ);
    this.#sampling = samplingSection(settings);
    this.#reader = new ArrayReader(parts.run, parts.manifest, this.#sampling);
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  get horizon(): number {
    return lengthIn(this.#sampling, Math.min(...this.#tails.map((tail) => tail.durable)));
  }

  get resume(): ReadonlyMap<number, StoredCheckpoint> {
    const points = new Map<number, StoredCheckpoint>();
    this.#tails.forEach((tail, chain) => {
      const point = tail.resumePoint(this.#weights);
      if (point) points.set(chain, point);
    });
    return points;
  }

  append(draw: StoredDraw): void {
    this.#append(draw, this.#sampling.from + draw.draw);
  }

  appendWarmup(draw: StoredDraw): void {
    if (draw.draw >= this.#sampling.from) {
      throw new Error(
        `chain ${draw.chain}: warm-up draw ${draw.draw} of ${this.#sampling.from} was appended`,
      );
    }
    this.#append(draw, draw.draw);
  }

  #append(draw: StoredDraw, record: number): void {
    const tail = this.#tails[draw.chain];
    if (this.#closing || !tail)
      throw new Error(`draw of chain ${draw.chain} came to a closed store or is no chain`);
    if (draw.ladder && record < tail.length) return;
    if (record !== tail.length) {
      const name = (number: number) => recordName(this.manifest.settings, number);
      throw new Error(`chain ${draw.chain}: ${name(record)} was appended, ${name(tail.length)} comes next`);
    }
    const { chain, sweep, logLikQ, ladder } = draw;
    const counts = { ...draw.counts };
    const packed = packWeights(draw.w);
    const held = { chain, record, sweep, packed, logLikQ, counts, ...(ladder && { ladder }) };
    tail.rows.push(this.#rowOf(held));
    this.#unsaved.push(encodeEntry({ kind: 'draw', ...held }));
  }

  checkpoint(state: StoredCheckpoint): void {
    const { chain, sweep, logLikQ, replicas } = state;
    const held = { chain, sweep, packed: packWeights(state.w), logLikQ, counts: { ...state.counts } };
    this.#tails[chain]!.checkpoint = { ...held, ...(replicas && { replicas }) };
    this.#unsavedCheckpoints.add(chain);
  }

  extend(draws: number): Promise<void> {
    this.#manifest = { ...this.#manifest, draws };
    this.#isExtended = true;
    return this.#enqueue(() => this.#saveManifest());
  }

  flush(): Promise<number> {
    return this.#enqueue(async () => {
      await this.#save();
      if (this.#isPublishDue()) await this.#startPublishing();
      if (this.#pendingBytes > PENDING_LIMIT) await this.#publishing;
      return this.horizon;
    });
  }

  close(outcome: 'finished' | 'stopped', reason?: string): Promise<void> {
    this.#closing ??= this.#enqueue(() => this.#close(outcome, reason));
    return this.#closing;
  }

  async *read(from: number, to: number): AsyncIterable<StoredDraw> {
    const first = this.#sampling.from;
    for (const piece of this.#reader.pieces(from, Math.min(to, this.horizon))) {
      // What is in the arrays now stays there; what is not is taken now, before it can move.
      const inMemory = this.#tails.map((tail) => tail.durableRows(first + piece.from, first + piece.to));
      const inArrays = await this.#reader.piece(piece.from, piece.to, this.#storedDraws);
      for (let draw = piece.from; draw < piece.to; draw++) {
        for (let chain = 0; chain < this.#tails.length; chain++) {
          const held = inMemory[chain]!.get(first + draw) ?? inArrays[chain]![draw - piece.from]!;
          yield unpackDraw(held, this.#weights, first);
        }
      }
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  get #stored(): number[] {
    return this.#tails.map((tail) => tail.stored);
  }

  get #storedDraws(): number[] {
    return this.#stored.map((records) => lengthIn(this.#sampling, records));
  }

  get #pendingBytes(): number {
    return this.#rowBytes * this.#tails.reduce((sum, tail) => sum + tail.rows.length, 0);
  }

  /** Comes before any draw that an earlier manifest does not know of. */
  async #saveManifest(): Promise<void> {
    if (!this.#isExtended) return;
    await this.#parts.writeManifest(this.#manifest);
    this.#isExtended = false;
  }

  /** Brings everything that was given so far into the journal. */
  async #save(): Promise<void> {
    this.#throwPublishError();
    await this.#parts.lock.check();
    await this.#saveManifest();
    const lengths = this.#tails.map((tail) => tail.length);
    const draws = this.#unsaved.length;
    const states = [...this.#unsavedCheckpoints].map((chain) => this.#tails[chain]!.checkpoint!);
    this.#unsavedCheckpoints.clear();
    try {
      const records = states.map((state) => encodeEntry({ kind: 'checkpoint', ...state }));
      await this.#parts.journal.append([...this.#unsaved.slice(0, draws), ...records]);
    } catch (error) {
      for (const { chain } of states) this.#unsavedCheckpoints.add(chain);
      throw error;
    }
    this.#unsaved.splice(0, draws);
    lengths.forEach((length, chain) => (this.#tails[chain]!.durable = length));
    for (const state of states) this.#tails[state.chain]!.durableCheckpoint = state;
  }

  async #close(outcome: 'finished' | 'stopped', reason: string | undefined): Promise<void> {
    // What failed in the background is tried again here.
    this.#publishError = undefined;
    try {
      await this.#save();
      await this.#publishing;
      await this.#publish(await this.#takeBatch(), outcome);
      await this.#parts.publisher.settle({ status: outcome, stored: this.#stored, reason });
    } finally {
      await this.#publishing;
      await this.#parts.journal.close();
      await this.#parts.lock.release();
    }
  }

  #isPublishDue(): boolean {
    if (this.#publishing) return false;
    return performance.now() >= this.#publishAt || this.#pendingBytes > PENDING_LIMIT;
  }

  /** Takes the durable rows and begins a journal segment without them. */
  async #takeBatch(): Promise<Batch> {
    const before = this.#stored;
    const rows = this.#tails.flatMap((tail) => tail.rows.slice(0, tail.durable - tail.stored));
    const after = this.#tails.map((tail) => tail.durable);
    const needed = this.#tails.flatMap((tail) => tail.neededCheckpoint ?? []);
    const records = needed.map((state) => encodeEntry({ kind: 'checkpoint', ...state }));
    return { rows, before, after, oldSegments: await this.#parts.journal.turn(records) };
  }

  async #startPublishing(): Promise<void> {
    const batch = await this.#takeBatch();
    this.#publishing = this.#publish(batch, 'running')
      .catch((error: unknown) => {
        this.#publishError = error;
      })
      .finally(() => (this.#publishing = undefined));
  }

  /** Lays a batch into the arrays; then it can leave memory and the journal. */
  async #publish({ rows, before, after, oldSegments }: Batch, status: RunStatus): Promise<void> {
    const start = performance.now();
    if (rows.length > 0) {
      await this.#parts.publisher.publish(rows, before, { status, stored: after });
      this.#tails.forEach((tail, chain) => tail.movedToArrays(after[chain]! - before[chain]!));
    }
    await this.#parts.journal.drop(oldSegments);
    const end = performance.now();
    const pause = this.#parts.publishEveryMs ?? Math.max(PUBLISH_EVERY_MS, (end - start) / PUBLISH_SHARE);
    this.#publishAt = end + pause;
  }

  /** A failure in the background is told by the next flush; the batch is tried again after that. */
  #throwPublishError(): void {
    const error = this.#publishError;
    this.#publishError = undefined;
    if (error !== undefined) throw error as Error;
  }
}
