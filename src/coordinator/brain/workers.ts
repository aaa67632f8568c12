/** The workers at hand, and the shards each of them holds. */
import { bytesOfShards, fits, type WorkerView } from './layout.js';
import type { BrainContext } from './context.js';
import { assert } from './faults.js';
import type { Loaded, WorkerId, WorkerJoined } from './messages.js';

export interface WorkerRecord extends WorkerView {
  held: Set<number>;
  /** Shards it was told to hold and has not yet said it holds. */
  wanted: readonly number[] | undefined;
}

export class WorkerTable {
  readonly #context: BrainContext;
  readonly #workers = new Map<WorkerId, WorkerRecord>();
  readonly #known = new Set<WorkerId>();

  constructor(context: BrainContext) {
    this.#context = context;
  }

  join({ worker, threads, memoryBytes }: WorkerJoined): void {
    assert(!this.#known.has(worker), `worker ${worker} joined twice`);
    this.#known.add(worker);
    this.#workers.set(worker, { id: worker, threads, memoryBytes, held: new Set(), wanted: undefined });
  }

  /** Whether it was there. */
  remove(worker: WorkerId): boolean {
    return this.#workers.delete(worker);
  }

  has(worker: WorkerId): boolean {
    return this.#workers.has(worker);
  }

  get(worker: WorkerId): WorkerRecord {
    const record = this.#workers.get(worker);
    assert(record !== undefined, `worker ${worker} is not there`);
    return record;
  }

  /** Ascending by id. */
  all(): WorkerRecord[] {
    return [...this.#workers.values()].sort((a, b) => a.id - b.id);
  }

  holds(worker: WorkerId, shards: readonly number[]): boolean {
    const { held } = this.get(worker);
    return shards.every((shard) => held.has(shard));
  }

  /** An answer to an earlier `load` than the last one says nothing. */
  loaded({ worker, shards }: Loaded): void {
    const record = this.get(worker);
    if (!record.wanted || !isSame(record.wanted, shards)) return;
    record.held = new Set(shards);
    record.wanted = undefined;
  }

  /**
   * Asks for what is missing of `needed`; keeps what else it holds while memory allows.
   * @returns false when its memory can't hold all of `needed`
   */
  load(worker: WorkerId, needed: readonly number[]): boolean {
    const record = this.get(worker);
    const coming = record.wanted ?? [...record.held];
    if (needed.every((shard) => coming.includes(shard))) return true;
    const { memory } = this.#context.config;
    const sorted = [...new Set(needed)].sort((a, b) => a - b);
    if (bytesOfShards(memory, sorted) > record.memoryBytes) return false;
    const all = [...new Set([...needed, ...record.held])].sort((a, b) => a - b);
    const shards = fits(record, memory, all, sorted) ? all : sorted;
    record.held = new Set([...record.held].filter((shard) => shards.includes(shard)));
    record.wanted = shards;
    this.#context.emit({ type: 'load', worker, shards });
    return true;
  }

  /** Slots over these shards that fit beside what it holds; at least 1. */
  slots(worker: WorkerId, shards: readonly number[]): number {
    const { memory } = this.#context.config;
    const record = this.get(worker);
    const free = record.memoryBytes - bytesOfShards(memory, [...new Set([...record.held, ...shards])]);
    return Math.max(1, Math.floor(free / Math.max(1, memory.slotBytes(shards))));
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  const sorted = [...b].sort((x, y) => x - y);
  return a.length === sorted.length && a.every((value, i) => value === sorted[i]);
}
