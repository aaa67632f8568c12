/** A worker's threads over one shared copy of its shards and slots. */
import { Piscina } from 'piscina';
import { createKernel } from '../kernel/create.js';
import type { ChainRule, KernelName, SlotSpec, WalkJob, WalkResult } from '../kernel/kernel.js';
import { WasmPool } from '../kernel/wasm/pool.js';
import type { Rows } from '../posterior/rows.js';
import type { EffortLog } from './effort.js';
import { MainWalks } from './main-walks.js';
import { shareOut } from './share-out.js';
import { SlotQueue } from './slot-queue.js';
import type { AttachOutcome, Done, Outcomes, Task, ThreadData, WalkTask } from './tasks.js';

export interface PoolOptions {
  readonly rule: ChainRule;
  readonly kernel: KernelName;
  readonly threads: number;
  readonly effort: EffortLog;
}

export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #memory: WasmPool;
  readonly #threads: Piscina<Task, Done<Outcomes[Task['type']]>>;
  readonly #queue = new SlotQueue();
  /** Of a pool of one thread, where the kernel needs no other. */
  readonly #main: MainWalks | undefined;
  readonly #rowsByShard = new Map<number, number>();
  /** That carried the last task out. */
  #lastThread = 0;
  #broken: Error | undefined;

  constructor(options: PoolOptions) {
    const { rule, kernel, threads } = options;
    this.#options = options;
    const walksHere = threads === 1 && kernel === 'wasm';
    this.#memory = new WasmPool(rule, walksHere ? 2 : threads, kernel === 'tfjs');
    const { description } = this.#memory;
    if (walksHere) this.#main = new MainWalks(() => createKernel(kernel, description));
    const data: ThreadData = { kernel, description };
    this.#threads = new Piscina({
      filename: new URL('./thread.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      // Rounds are short: of the three ways to wait for a task this one takes the least time to begin and end one.
      atomics: 'async',
      recordTiming: false,
      workerData: data,
    });
    // A thread that dies between two tasks: the next task says so, and the session ends with its words.
    this.#threads.on('error', (error: Error) => (this.#broken ??= error));
  }

  /** Shards held, with their numbers of rows. */
  get rowsByShard(): ReadonlyMap<number, number> {
    return this.#rowsByShard;
  }

  addShard(shard: number, rows: Rows): void {
    this.#memory.addShard(shard, rows);
    this.#rowsByShard.set(shard, rows.count);
  }

  /** Gives shards back once nothing runs on them; their slots must have been detached. */
  async dropShards(shards: readonly number[]): Promise<void> {
    await this.#queue.idle();
    for (const shard of shards) {
      this.#memory.dropShard(shard);
      this.#rowsByShard.delete(shard);
    }
  }

  attach(spec: SlotSpec, w: Uint8Array, wantFlipDeltas: boolean): Promise<AttachOutcome> {
    return this.#queue.run([spec.slot], () => {
      this.#memory.openSlot(spec.slot, spec.shards);
      return this.#run({ type: 'attach', spec, w, wantFlipDeltas });
    });
  }

  /** Results in the order of the jobs, which are of different slots. */
  async walk(jobs: readonly WalkJob[]): Promise<WalkResult[]> {
    const shares = shareOut(jobs, this.#options.threads, this.#options.kernel);
    const walked = await Promise.all(
      shares.map((share) => {
        const slots = share.map((job) => job.slot);
        return this.#queue.run(slots, () => this.#walk({ type: 'walk', jobs: share }));
      }),
    );
    return walked.flat();
  }

  /** Gives the memory of slots back once nothing runs on them. */
  detach(slots: readonly number[]): Promise<void> {
    return this.#queue.run(slots, async () => slots.forEach((slot) => this.#memory.closeSlot(slot)));
  }

  /** Rows of a slot that differ from their recomputation, and what that took a thread. */
  audit(slot: number): Promise<{ differing: number; seconds: number }> {
    return this.#queue.run([slot], async () => {
      const { value, effort } = await this.#measured({ type: 'audit', slot });
      return { differing: value, seconds: effort.seconds };
    });
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }

  async #walk(task: WalkTask): Promise<WalkResult[]> {
    const main = this.#main;
    const done = await (main?.takes(task)
      ? this.#counted(task, () => main.walk(task, this.#lastThread))
      : this.#measured(task));
    main?.learn(task, done.effort);
    return done.value;
  }

  async #run<T extends Task>(task: T): Promise<Outcomes[T['type']]> {
    return (await this.#measured(task)).value;
  }

  async #measured<T extends Task>(task: T): Promise<Done<Outcomes[T['type']]>> {
    const done = await this.#counted(task, () => this.#threads.run(task));
    this.#lastThread = done.effort.thread;
    return done as Done<Outcomes[T['type']]>;
  }

  /** @throws what broke a thread of this pool before */
  async #counted<D extends Done<unknown>>(task: Task, carryOut: () => Promise<D>): Promise<D> {
    if (this.#broken) throw this.#broken;
    const done = await carryOut();
    this.#options.effort.add(task, done.effort);
    return done;
  }
}
