/**
 * The tfjs kernel: what is dense by nature is a native product of integer-valued float32 matrices, exact because every
 * partial sum stays below 2^24. Those are the logits of a slot that is attached or audited, and the sums of a block of
 * flips, for all slots of a call that enter it. A slot's state lies in the pool that the wasm kernel uses too, and its
 * module walks the block with those sums: each row it rewrites corrects them.
 *
 * Rare features and swaps are summed by the wasm module from its lists. A swap's two lists hold the rows lit in only one of
 * two neighbours, few of them: on MNIST native sums of all 5,348 would cost 15 times those of its 355 frequent features.
 *
 * Memory: the columns of the frequent features as float32, 4 bytes a row each (85 MB for MNIST), once for all threads of a
 * process where the native library uses them in place, as it does today when they begin at a multiple of 64 bytes. The
 * library itself takes some 220 MB a process and 55 MB more a thread.
 */
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import type { Rows } from '../../posterior/rows.js';
import type {
  ChainRule,
  FlipKernel,
  SlotReport,
  SlotSpec,
  SoloJob,
  WalkJob,
  WalkResult,
  WindowJob,
} from '../kernel.js';
import { PoolThread } from '../wasm/pool-thread.js';
import { WasmPool, type PoolDescription } from '../wasm/pool.js';
import { TILE_SLOTS } from '../wasm/sizes.js';
import { hostOf } from '../wasm/wasm-kernel.js';
import { BlockPlans } from './block-plans.js';
import { BlockSums, type BlockEntry, type PlannedBlock } from './block-sums.js';
import { DenseShards } from './dense-shards.js';
import type { TensorFlow } from './load.js';
import { lockstep, type Wanted } from './lockstep.js';
import { NativeRows } from './native-rows.js';
import { NativeOps } from './ops.js';

/** A walk that stops at the start of each block whose sums it needs. */
type Walk = Generator<BlockEntry & Wanted, WalkResult, void>;

export class TfjsKernel implements FlipKernel {
  readonly name = 'tfjs';
  /** Only where this kernel is alone: it opens its slots itself. */
  readonly #own: WasmPool | undefined;
  readonly #thread: PoolThread;
  readonly #shards: DenseShards;
  readonly #rows: NativeRows;
  readonly #sums: BlockSums;
  readonly #plans: BlockPlans;

  private constructor(tf: TensorFlow, description: PoolDescription, own: WasmPool | undefined) {
    const { features, classes } = description.rule.model;
    const blocks = Math.ceil(features / BLOCK_FEATURES);
    const ops = new NativeOps(tf);
    this.#own = own;
    this.#thread = new PoolThread(description);
    this.#shards = new DenseShards(ops, this.#thread, blocks);
    this.#rows = new NativeRows(ops, this.#thread, this.#shards, blocks, classes);
    this.#sums = new BlockSums(ops, this.#thread, this.#shards, classes);
    this.#plans = new BlockPlans(this.#thread, blocks, classes);
  }

  /** A kernel with a memory of its own. @throws InputError when the machine has no room */
  static alone(tf: TensorFlow, rule: ChainRule): TfjsKernel {
    const pool = new WasmPool(rule, 1, true);
    return new TfjsKernel(tf, pool.description, pool);
  }

  /** A kernel over a pool of this process that has dense columns; shards and slots are the host's business. */
  static over(tf: TensorFlow, description: PoolDescription): TfjsKernel {
    return new TfjsKernel(tf, description, undefined);
  }

  addShard(shard: number, rows: Rows): void {
    hostOf(this.#own).addShard(shard, rows);
  }

  dropShard(shard: number): void {
    hostOf(this.#own).dropShard(shard);
  }

  attach(spec: SlotSpec, w: Uint8Array): SlotReport {
    this.#own?.openSlot(spec.slot, spec.shards);
    const slotAt = this.#thread.prepare(spec, w);
    this.#rows.fill(slotAt);
    return this.#thread.report(slotAt);
  }

  detach(slot: number): void {
    this.#own?.closeSlot(slot);
  }

  walk(jobs: readonly WalkJob[]): WalkResult[] {
    const results: WalkResult[] = [];
    for (const group of groupsOf(jobs)) {
      const walks = group.map((job) => (job.kind === 'solo' ? this.#solo(job) : this.#window(job)));
      results.push(...lockstep(walks, (entries) => this.#sums.make(entries)));
    }
    return results;
  }

  flipDeltasQ(slot: number): Int32Array {
    return this.#thread.flipDeltasQ(this.#thread.slotAt(slot));
  }

  audit(slot: number): number {
    return this.#rows.stale(this.#thread.slotAt(slot));
  }

  /** Frees the native matrices and gives the thread's scratch back to the pool. */
  dispose(): void {
    this.#shards.dispose();
    this.#thread.release();
  }

  *#solo(job: SoloJob): Walk {
    const { slot, chain, betasQ } = job;
    const slotAt = this.#thread.slotAt(slot);
    const last = job.sweep + betasQ.length - 1;
    const reports: { sweep: number; report: SlotReport }[] = [];
    for (let sweep = job.sweep; sweep <= last; sweep++) {
      const betaQ = betasQ[sweep - job.sweep]!;
      let at = 0;
      for (const planned of this.#plans.of(sweep)) {
        if (this.#sums.covers(slotAt, planned.block)) yield this.#wanted(slotAt, planned);
        this.#thread.walkSolo(slotAt, chain, sweep, betaQ, planned.from, planned.to);
        at = planned.to;
      }
      this.#thread.walkSolo(slotAt, chain, sweep, betaQ, at, this.#thread.sites);
      if (sweep === last || job.reportAfter.includes(sweep)) {
        reports.push({ sweep, report: this.#thread.report(slotAt) });
      }
    }
    return { kind: 'solo', slot, reports };
  }

  *#window(job: WindowJob): Walk {
    const { slot, sweep, from, to } = job;
    const slotAt = this.#thread.slotAt(slot);
    const parts: Int32Array[] = [];
    let shared = 0;
    this.#thread.openWindow(slotAt, job);
    for (let at = from; at < to;) {
      const planned = this.#plans.of(sweep).find((block) => at < block.to);
      if (planned && at === planned.from && this.#needs(slotAt, planned)) {
        yield this.#wanted(slotAt, planned);
      }
      const end = Math.min(to, planned?.to ?? to);
      const part = this.#thread.walkWindow(slotAt, job, at, end, shared);
      parts.push(part);
      shared += part.length;
      at = end;
    }
    const result = { kind: 'window', slot, partialsQ: joined(parts, shared) } as const;
    return job.report ? { ...result, report: this.#thread.report(slotAt) } : result;
  }

  /** Not when a window was undone to before the block: its sums were kept current all the way. */
  #needs(slotAt: number, planned: PlannedBlock): boolean {
    return this.#sums.covers(slotAt, planned.block) && !this.#sums.isCurrent(slotAt, planned);
  }

  /** Chains at different sweeps may stop at the same block. */
  #wanted(slotAt: number, planned: PlannedBlock): BlockEntry & Wanted {
    const shards = this.#thread.segments(slotAt).map(({ shardAt }) => shardAt);
    return { key: `${planned.block}:${shards.join()}`, slotAt, planned };
  }
}

function joined(parts: readonly Int32Array[], length: number): Int32Array {
  const whole = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Cuts jobs into groups of much the same size, few enough for a tile. */
function groupsOf(jobs: readonly WalkJob[]): WalkJob[][] {
  const groups = Math.ceil(jobs.length / TILE_SLOTS);
  return Array.from({ length: groups }, (_, g) =>
    jobs.slice(Math.floor((g * jobs.length) / groups), Math.floor(((g + 1) * jobs.length) / groups)),
  );
}
