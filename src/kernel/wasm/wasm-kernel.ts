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
import * as layout from './layout.js';
import { PoolThread } from './pool-thread.js';
import { WasmPool, type PoolDescription } from './pool.js';

export class WasmKernel implements FlipKernel {
  readonly name = 'wasm';
  /** Only where this kernel is alone: it opens its slots itself. */
  readonly #own: WasmPool | undefined;
  readonly #thread: PoolThread;

  private constructor(description: PoolDescription, own: WasmPool | undefined) {
    this.#own = own;
    this.#thread = new PoolThread(description);
  }

  /**
   * A kernel with a memory of its own.
   * @param blockSums which blocks are summed at once: BLOCK_CHOSEN, or for tests one of the others
   * @throws InputError when the machine has no room
   */
  static alone(rule: ChainRule, blockSums: number = layout.BLOCK_CHOSEN): WasmKernel {
    const pool = new WasmPool(rule, 1, false, blockSums);
    return new WasmKernel(pool.description, pool);
  }

  /** A kernel over a pool of this process; shards and slots are the host's business. */
  static over(description: PoolDescription): WasmKernel {
    return new WasmKernel(description, undefined);
  }

  addShard(shard: number, rows: Rows): void {
    hostOf(this.#own).addShard(shard, rows);
  }

  dropShard(shard: number): void {
    hostOf(this.#own).dropShard(shard);
  }

  attach(spec: SlotSpec, w: Uint8Array): SlotReport {
    this.#own?.openSlot(spec.slot, spec.shards);
    const slot = this.#thread.prepare(spec, w);
    this.#thread.wasm.fillRows(this.#thread.modelAt, this.#thread.at, slot);
    return this.#thread.report(slot);
  }

  detach(slot: number): void {
    this.#own?.closeSlot(slot);
  }

  walk(jobs: readonly WalkJob[]): WalkResult[] {
    return jobs.map((job) => (job.kind === 'solo' ? this.#solo(job) : this.#window(job)));
  }

  flipDeltasQ(slot: number): Int32Array {
    return this.#thread.flipDeltasQ(this.#thread.slotAt(slot));
  }

  audit(slot: number): number {
    return this.#thread.wasm.staleRows(this.#thread.modelAt, this.#thread.at, this.#thread.slotAt(slot));
  }

  /** Gives the thread's scratch back to the pool. */
  dispose(): void {
    this.#thread.release();
  }

  #solo(job: SoloJob): SoloResult {
    const slot = this.#thread.slotAt(job.slot);
    const last = job.sweep + job.betasQ.length - 1;
    const reports: { sweep: number; report: SlotReport }[] = [];
    for (let sweep = job.sweep; sweep <= last; sweep++) {
      const betaQ = job.betasQ[sweep - job.sweep]!;
      this.#thread.walkSolo(slot, job.chain, sweep, betaQ, 0, this.#thread.sites);
      if (sweep === last || job.reportAfter.includes(sweep)) {
        reports.push({ sweep, report: this.#thread.report(slot) });
      }
    }
    return { kind: 'solo', slot: job.slot, reports };
  }

  #window(job: WindowJob): WindowResult {
    const slot = this.#thread.slotAt(job.slot);
    this.#thread.openWindow(slot, job);
    const partialsQ = this.#thread.walkWindow(slot, job, job.from, job.to, 0);
    const result = { kind: 'window', slot: job.slot, partialsQ } as const;
    return job.report ? { ...result, report: this.#thread.report(slot) } : result;
  }
}

/** The pool that a kernel which is alone in its thread has. */
export function hostOf(own: WasmPool | undefined): WasmPool {
  if (!own) throw new Error('shards of a shared pool are added by its host');
  return own;
}
