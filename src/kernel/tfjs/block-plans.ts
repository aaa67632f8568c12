/** Where the blocks of flips lie in the plans of sweeps. */
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import * as layout from '../wasm/layout.js';
import type { PoolThread } from '../wasm/pool-thread.js';
import type { PlannedBlock } from './block-sums.js';

/** Plans kept: chains in one call are at nearby sweeps. */
const KEPT = 16;

export class BlockPlans {
  readonly #plans = new Map<number, readonly PlannedBlock[]>();

  constructor(
    private readonly thread: PoolThread,
    private readonly blocks: number,
    private readonly classes: number,
  ) {}

  /** The blocks of a sweep in the order they are visited; the positions behind the last one are swaps. */
  of(sweep: number): readonly PlannedBlock[] {
    const known = this.#plans.get(sweep);
    if (known) return known;
    const plan = this.#read(sweep);
    if (this.#plans.size === KEPT) this.#plans.delete(this.#plans.keys().next().value!);
    this.#plans.set(sweep, plan);
    return plan;
  }

  #read(sweep: number): PlannedBlock[] {
    const { wasm, views, modelAt, at, sites } = this.thread;
    wasm.makePlan(modelAt, at, sweep);
    const which = at + 4 * (sweep & 1);
    const starts = views.i32(views.address(which + layout.THREAD_BLOCK_STARTS), this.blocks + 1);
    const plan = views.i32(views.address(which + layout.THREAD_PLAN_SITES), sites);
    return Array.from({ length: this.blocks }, (_, b) => ({
      sweep,
      block: Math.floor(plan[starts[b]!]! / (this.classes * BLOCK_FEATURES)),
      from: starts[b]!,
      to: starts[b + 1]!,
    }));
  }
}
