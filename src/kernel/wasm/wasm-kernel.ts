/** The native kernel: a thin shell over flip.wasm, alone in its thread or over a pool that threads share. */
import type { Rows } from '../../posterior/rows.js';
import type {
  ChainRule,
  FlipKernel,
  SlotReport,
  SlotSpec,
  SoloJob,
  SoloResult,
  WalkJob,
  WalkResult,
  WindowJob,
  WindowResult,
} from '../kernel.js';
import { BlockSeam } from './block-seam.js';
import * as layout from './layout.js';
import { flipInstance, type FlipExports } from './load.js';
import { directoryEntry, WasmPool, type PoolDescription } from './pool.js';
import { sizesOf } from './sizes.js';
import { Views } from './views.js';

export class WasmKernel implements FlipKernel {
  readonly name = 'wasm';
  /** For a kernel that makes the sums of whole blocks elsewhere. */
  readonly blocks: BlockSeam;
  /** Only where this kernel is alone: it opens its slots itself. */
  readonly #own: WasmPool | undefined;
  readonly #wasm: FlipExports;
  readonly #views: Views;
  readonly #modelAt: number;
  readonly #thread: number;
  readonly #sites: number;
  readonly #weights: number;

  private constructor(
    { memory, module, rule, modelAt, threadsAt }: PoolDescription,
    own: WasmPool | undefined,
  ) {
    this.#own = own;
    this.#wasm = flipInstance(module, memory);
    this.#views = new Views(memory);
    this.#modelAt = modelAt;
    const sizes = sizesOf(rule.model, rule.moves);
    this.#sites = sizes.sites;
    this.#weights = rule.model.features * rule.model.classes;
    this.#thread = claimThread(this.#views, threadsAt);
    this.blocks = new BlockSeam(this.#wasm, this.#views, sizes, {
      model: modelAt,
      thread: this.#thread,
      slot: (slot) => this.#slot(slot),
    });
  }

  /** A kernel with a memory of its own. @throws InputError when the machine has no room */
  static alone(rule: ChainRule): WasmKernel {
    const pool = new WasmPool(rule);
    return new WasmKernel(pool.description, pool);
  }

  /** A kernel over a pool of this process; shards and slots are the host's business. */
  static over(description: PoolDescription): WasmKernel {
    return new WasmKernel(description, undefined);
  }

  addShard(shard: number, rows: Rows): void {
    this.#host().addShard(shard, rows);
  }

  dropShard(shard: number): void {
    this.#host().dropShard(shard);
  }

  attach(spec: SlotSpec, w: Uint8Array): SlotReport {
    this.#own?.openSlot(spec.slot, spec.shards);
    const slot = this.#slot(spec.slot);
    this.#checkShards(slot, spec);
    this.#views.u8(this.#views.address(slot + layout.SLOT_WEIGHTS), this.#weights).set(w);
    this.#views.u8(this.#views.address(slot + layout.SLOT_OWNERS), spec.owners.length).set(spec.owners);
    const fields = this.#views.i32(slot, layout.SLOT_SEGMENT_LIST / 4);
    fields[layout.SLOT_SELF / 4] = spec.self;
    fields[layout.SLOT_LOG_LENGTH / 4] = 0;
    fields[layout.SLOT_WINDOW_FROM / 4] = 0;
    fields[layout.SLOT_WINDOW_TO / 4] = 0;
    this.#views.f64(slot + layout.SLOT_COUNTS, 7).fill(0);
    this.blocks.end(spec.slot);
    this.#wasm.fillRows(this.#modelAt, this.#thread, slot);
    return this.#report(slot);
  }

  detach(slot: number): void {
    this.#own?.closeSlot(slot);
  }

  walk(jobs: readonly WalkJob[]): WalkResult[] {
    return jobs.map((job) => (job.kind === 'solo' ? this.#solo(job) : this.#window(job)));
  }

  flipDeltasQ(slot: number): Int32Array {
    this.#wasm.flipDeltas(this.#modelAt, this.#thread, this.#slot(slot));
    return this.#views.i32(this.#views.address(this.#thread + layout.THREAD_OUTPUT), this.#weights).slice();
  }

  audit(slot: number): number {
    return this.#wasm.staleRows(this.#modelAt, this.#thread, this.#slot(slot));
  }

  /** Gives the thread's scratch back to the pool. */
  dispose(): void {
    Atomics.store(this.#views.i32(this.#thread + layout.THREAD_CLAIMED, 1), 0, 0);
  }

  #host(): WasmPool {
    if (!this.#own) throw new Error('shards of a shared pool are added by its host');
    return this.#own;
  }

  #slot(slot: number): number {
    const at = this.#views.address(directoryEntry(slot));
    if (at === 0) throw new Error(`slot ${slot} is not open`);
    return at;
  }

  /** The host must have opened the slot over the same shards. */
  #checkShards(slot: number, spec: SlotSpec): void {
    const { shards } = spec;
    const count = this.#views.i32(slot + layout.SLOT_SEGMENTS, 1)[0]!;
    const same =
      count === shards.length &&
      shards.every((number, s) => {
        const shard = this.#views.address(slot + layout.SLOT_SEGMENT_LIST + s * layout.SEGMENT_BYTES);
        return this.#views.i32(shard + layout.SHARD_NUMBER, 1)[0] === number;
      });
    if (!same) throw new Error(`slot ${spec.slot} was opened over other shards than ${shards.join(', ')}`);
  }

  #report(slot: number): SlotReport {
    const numbers = this.#views.f64(slot + layout.SLOT_COUNTS, 7);
    const [flipsProposed, flipsAccepted, rowsProposed, rowsAccepted, swapsProposed, swapsAccepted, sum] =
      numbers as unknown as [number, number, number, number, number, number, number];
    return {
      w: this.#views.u8(this.#views.address(slot + layout.SLOT_WEIGHTS), this.#weights).slice(),
      logLikQ: this.#wasm.logLikQ(this.#modelAt, slot),
      ownAcceptedSumQ: sum,
      counts: { flipsProposed, flipsAccepted, rowsProposed, rowsAccepted, swapsProposed, swapsAccepted },
    };
  }

  #solo(job: SoloJob): SoloResult {
    const slot = this.#slot(job.slot);
    const last = job.sweep + job.betasQ.length - 1;
    const reports: { sweep: number; report: SlotReport }[] = [];
    for (let sweep = job.sweep; sweep <= last; sweep++) {
      const betaQ = job.betasQ[sweep - job.sweep]!;
      this.#wasm.walkSolo(this.#modelAt, this.#thread, slot, job.chain, sweep, betaQ, 0, this.#sites);
      if (sweep === last || job.reportAfter.includes(sweep)) {
        reports.push({ sweep, report: this.#report(slot) });
      }
    }
    return { kind: 'solo', slot: job.slot, reports };
  }

  #window(job: WindowJob): WindowResult {
    const slot = this.#slot(job.slot);
    if (job.from < 0 || job.from > job.to || job.to > this.#sites) {
      throw new Error(`window ${job.from} to ${job.to} lies outside a sweep of ${this.#sites} sites`);
    }
    const room = (this.#sites >> 3) + 1;
    const guess = this.#views.u8(this.#views.address(this.#thread + layout.THREAD_GUESS), room);
    guess.set(job.guess.subarray(0, room));
    guess.fill(0, job.guess.length);
    const { chain, sweep, betaQ, settleAt, from, to } = job;
    const shared = this.#wasm.walkWindow(
      this.#modelAt,
      this.#thread,
      slot,
      chain,
      sweep,
      betaQ,
      settleAt,
      from,
      to,
    );
    if (shared < 0) throw new Error(`position ${settleAt} is not in the last window`);
    const partialsAt = this.#views.address(this.#thread + layout.THREAD_PARTIALS);
    const result = {
      kind: 'window',
      slot: job.slot,
      partialsQ: this.#views.i32(partialsAt, shared).slice(),
    } as const;
    return job.report ? { ...result, report: this.#report(slot) } : result;
  }
}

/** Takes the first scratch that no other thread uses. */
function claimThread(views: Views, threadsAt: readonly number[]): number {
  for (const at of threadsAt) {
    if (Atomics.compareExchange(views.i32(at + layout.THREAD_CLAIMED, 1), 0, 0, 1) === 0) return at;
  }
  throw new Error(`the pool was made for ${threadsAt.length} threads`);
}
