/** A thread's hold on a pool: the module's functions, its scratch, and where slots lie. */
import type { SlotReport, SlotSpec, WindowJob } from '../kernel.js';
import * as layout from './layout.js';
import { flipInstance, type FlipExports } from './load.js';
import { directoryEntry, type PoolDescription } from './pool.js';
import { sizesOf } from './sizes.js';
import { Views } from './views.js';

/** One shard's part in a slot. */
export interface Segment {
  readonly shardAt: number;
  /** Where the slot's rows of the shard begin. */
  readonly rowsAt: number;
}

export class PoolThread {
  readonly wasm: FlipExports;
  readonly views: Views;
  readonly modelAt: number;
  /** This thread's scratch. */
  readonly at: number;
  /** Sites of a sweep. */
  readonly sites: number;
  readonly #weights: number;
  readonly #blocks: number;

  /** @throws when as many threads as the pool was made for have one already */
  constructor({ memory, module, rule, modelAt, threadsAt }: PoolDescription) {
    this.wasm = flipInstance(module, memory);
    this.views = new Views(memory);
    this.modelAt = modelAt;
    const { sites, blocks } = sizesOf(rule.model, rule.moves);
    this.sites = sites;
    this.#blocks = blocks;
    this.#weights = rule.model.features * rule.model.classes;
    this.at = claimScratch(this.views, threadsAt);
  }

  /** Gives the scratch back to the pool. */
  release(): void {
    Atomics.store(this.views.i32(this.at + layout.THREAD_CLAIMED, 1), 0, 0);
  }

  slotAt(slot: number): number {
    const at = this.views.address(directoryEntry(slot));
    if (at === 0) throw new Error(`slot ${slot} is not open`);
    return at;
  }

  segments(slotAt: number): Segment[] {
    return Array.from({ length: this.views.address(slotAt + layout.SLOT_SEGMENTS) }, (_, s) => {
      const segment = slotAt + layout.SLOT_SEGMENT_LIST + s * layout.SEGMENT_BYTES;
      return {
        shardAt: this.views.address(segment),
        rowsAt: this.views.address(segment + layout.SEGMENT_ROWS),
      };
    });
  }

  weights(slotAt: number): Uint8Array {
    return this.views.u8(this.views.address(slotAt + layout.SLOT_WEIGHTS), this.#weights);
  }

  /** Puts an open slot into state w, all but its rows. */
  prepare(spec: SlotSpec, w: Uint8Array): number {
    const slot = this.slotAt(spec.slot);
    this.#checkShards(slot, spec);
    this.weights(slot).set(w);
    this.views.u8(this.views.address(slot + layout.SLOT_OWNERS), spec.owners.length).set(spec.owners);
    const fields = this.views.i32(slot, layout.SLOT_SEGMENT_LIST / 4);
    fields[layout.SLOT_SELF / 4] = spec.self;
    fields[layout.SLOT_LOG_LENGTH / 4] = 0;
    fields[layout.SLOT_WINDOW_FROM / 4] = 0;
    fields[layout.SLOT_WINDOW_TO / 4] = 0;
    fields.fill(0, layout.SLOT_BLOCK_MASK / 4, layout.SLOT_BLOCK_MASK / 4 + 2);
    this.views.f64(slot + layout.SLOT_COUNTS, 7).fill(0);
    this.views.i32(this.views.address(slot + layout.SLOT_CHANGED), this.#blocks).fill(-1);
    return slot;
  }

  report(slotAt: number): SlotReport {
    const numbers = this.views.f64(slotAt + layout.SLOT_COUNTS, 7);
    const [flipsProposed, flipsAccepted, rowsProposed, rowsAccepted, swapsProposed, swapsAccepted, sum] =
      numbers as unknown as [number, number, number, number, number, number, number];
    return {
      w: this.weights(slotAt).slice(),
      logLikQ: this.wasm.logLikQ(this.modelAt, slotAt),
      ownAcceptedSumQ: sum,
      counts: { flipsProposed, flipsAccepted, rowsProposed, rowsAccepted, swapsProposed, swapsAccepted },
    };
  }

  flipDeltasQ(slotAt: number): Int32Array {
    this.wasm.flipDeltas(this.modelAt, this.at, slotAt);
    return this.views.i32(this.views.address(this.at + layout.THREAD_OUTPUT), this.#weights).slice();
  }

  /** Positions `from` .. `to - 1` of a sweep that is decided here. */
  walkSolo(slotAt: number, chain: number, sweep: number, betaQ: number, from: number, to: number): void {
    this.wasm.walkSolo(this.modelAt, this.at, slotAt, chain, sweep, betaQ, from, to);
  }

  /** Settles a slot's last window and opens the job's. @throws when the job doesn't fit the sweep or the last window */
  openWindow(slotAt: number, { sweep, settleAt, from, to }: WindowJob): void {
    if (from < 0 || from > to || to > this.sites) {
      throw new Error(`window ${from} to ${to} lies outside a sweep of ${this.sites} sites`);
    }
    if (!this.wasm.openWindow(this.modelAt, this.at, slotAt, sweep, settleAt, from, to)) {
      throw new Error(`position ${settleAt} is not in the last window`);
    }
  }

  /**
   * Walks positions `from` .. `to - 1` of the open window.
   * @param before shared sites of the window before them
   * @returns the partials of their own shared sites
   */
  walkWindow(slotAt: number, job: WindowJob, from: number, to: number, before: number): Int32Array {
    const room = (this.sites >> 3) + 1;
    const guess = this.views.u8(this.views.address(this.at + layout.THREAD_GUESS), room);
    guess.set(job.guess.subarray(0, room));
    guess.fill(0, job.guess.length);
    const { chain, sweep, betaQ } = job;
    const { modelAt, at } = this;
    const after = this.wasm.walkWindow(modelAt, at, slotAt, chain, sweep, betaQ, from, to, before);
    const partialsAt = this.views.address(at + layout.THREAD_PARTIALS);
    return this.views.i32(partialsAt, after).slice(before);
  }

  /** The host must have opened the slot over the same shards. */
  #checkShards(slotAt: number, { slot, shards }: SlotSpec): void {
    const numbers = this.segments(slotAt).map(({ shardAt }) =>
      this.views.address(shardAt + layout.SHARD_NUMBER),
    );
    if (numbers.length !== shards.length || numbers.some((number, s) => number !== shards[s])) {
      throw new Error(`slot ${slot} was opened over other shards than ${shards.join(', ')}`);
    }
  }
}

/** Takes the first scratch that no other thread uses. */
function claimScratch(views: Views, threadsAt: readonly number[]): number {
  for (const at of threadsAt) {
    if (Atomics.compareExchange(views.i32(at + layout.THREAD_CLAIMED, 1), 0, 0, 1) === 0) return at;
  }
  throw new Error(`the pool was made for ${threadsAt.length} threads`);
}
