/**
 * WasmPool: the memory that one process's threads share, with the shards once and each slot's state. The host adds
 * shards and opens slots; each thread makes a kernel over the pool's description, and they walk different slots.
 */
import type { Rows } from '../../posterior/rows.js';
import type { ChainRule } from '../kernel.js';
import { Arena } from './arena.js';
import * as layout from './layout.js';
import { flipInstance, flipModule, type FlipExports } from './load.js';
import { addDense } from './dense-columns.js';
import { makeThread, Region, writeModel, writeShard } from './regions.js';
import { sizesOf, slotParts, type Sizes } from './sizes.js';

/** What a thread needs to walk slots of a pool; can be posted to it. */
export interface PoolDescription {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly rule: ChainRule;
  readonly modelAt: number;
  /** Scratch of each thread. */
  readonly threadsAt: readonly number[];
}

interface Slot {
  readonly region: Region;
  readonly shards: readonly number[];
}

/** Where the directory holds a slot's address. */
export function directoryEntry(slot: number): number {
  if (!Number.isInteger(slot) || slot < 0 || slot >= layout.MAX_SLOTS)
    throw new Error(`no slot number: ${slot}`);
  return layout.DIRECTORY_AT + 4 * slot;
}

export class WasmPool {
  readonly #sizes: Sizes;
  readonly #arena = new Arena();
  readonly #kernel: FlipExports;
  readonly #shards = new Map<number, { readonly region: Region; readonly rows: number }>();
  #shardsEver = 0;
  readonly #slots = new Map<number, Slot>();
  readonly description: PoolDescription;

  /**
   * @param threads how many threads may have a kernel over this pool at a time
   * @param dense whether shards get dense columns, which the tfjs kernel needs
   * @param blockSums which blocks are summed by lists, all features at once: none of those that native products sum
   * @throws InputError when the machine has no room
   */
  constructor(
    rule: ChainRule,
    threads = 1,
    private readonly dense = false,
    blockSums = dense ? layout.BLOCK_NEVER : layout.BLOCK_CHOSEN,
  ) {
    const module = flipModule();
    const { memory } = this.#arena;
    this.#sizes = sizesOf(rule.model, rule.moves);
    this.#kernel = flipInstance(module, memory);
    this.description = {
      memory,
      module,
      rule,
      modelAt: writeModel(this.#arena, this.#sizes, rule.seed, blockSums).at,
      threadsAt: Array.from({ length: threads }, () => makeThread(this.#arena, this.#sizes, dense).at),
    };
  }

  /** Address of `bytes` bytes that threads may use, a multiple of 64. @throws InputError when they don't fit */
  allocate(bytes: number): number {
    return this.#arena.allocate(bytes);
  }

  /** Gives back what `allocate(bytes)` gave. */
  release(at: number, bytes: number): void {
    this.#arena.release(at, bytes);
  }

  /** Bytes of memory in use or once used. */
  get bytes(): number {
    return this.description.memory.buffer.byteLength;
  }

  /** Adds a shard's rows. @throws InputError when they don't fit */
  addShard(shard: number, rows: Rows): void {
    if (this.#shards.has(shard)) throw new Error(`shard ${shard} is there already`);
    const region = writeShard(this.#arena, this.#sizes, this.description.modelAt, this.#kernel, shard, rows);
    region.set(layout.SHARD_SERIAL, ++this.#shardsEver);
    if (this.dense) addDense(this.#arena, this.#sizes, this.description.modelAt, this.#kernel, region);
    this.#shards.set(shard, { region, rows: rows.count });
  }

  /** Frees a shard that no open slot covers. */
  dropShard(shard: number): void {
    for (const [slot, { shards }] of this.#slots) {
      if (shards.includes(shard)) throw new Error(`shard ${shard} is still used by slot ${slot}`);
    }
    this.#shards.get(shard)?.region.release();
    this.#shards.delete(shard);
  }

  /**
   * Makes room for a slot over these shards; a slot that is open over the same shards stays as it is.
   * A thread may attach it afterwards. @throws InputError when it doesn't fit
   */
  openSlot(slot: number, shards: readonly number[]): void {
    const entry = directoryEntry(slot);
    const open = this.#slots.get(slot);
    if (
      open &&
      open.shards.length === shards.length &&
      open.shards.every((number, i) => number === shards[i])
    )
      return;
    this.closeSlot(slot);
    const covered = shards.map((number) => {
      const shard = this.#shards.get(number);
      if (!shard) throw new Error(`no shard ${number}`);
      return shard;
    });
    const parts = slotParts(
      this.#sizes,
      covered.map(({ rows }) => rows),
    );
    const region = new Region(this.#arena, parts.head);
    region.set(layout.SLOT_SEGMENTS, covered.length);
    region.part(layout.SLOT_WEIGHTS, parts.weights);
    region.part(layout.SLOT_OWNERS, parts.owners);
    region.part(layout.SLOT_LOG, parts.log);
    region.part(layout.SLOT_BLOCK_SUMS, parts.blockSums);
    region.part(layout.SLOT_CHANGED, parts.changed);
    covered.forEach((shard, s) => {
      const segment = layout.SLOT_SEGMENT_LIST + s * layout.SEGMENT_BYTES;
      region.set(segment, shard.region.at);
      region.part(segment + layout.SEGMENT_ROWS, parts.rows[s]!);
    });
    this.#slots.set(slot, { region, shards: [...shards] });
    this.#arena.set(entry, region.at);
  }

  /** Frees a slot's memory; nothing happens when it isn't open. */
  closeSlot(slot: number): void {
    this.#slots.get(slot)?.region.release();
    this.#slots.delete(slot);
    this.#arena.set(directoryEntry(slot), 0);
  }
}
