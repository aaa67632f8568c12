/** What a coordinator needs of the random stream to decide the sites of a sweep without computing it in JavaScript. */
import type { SweepPlan } from '../../sampler/sites.js';
import type { ChainRule } from '../kernel.js';
import { Arena } from './arena.js';
import * as layout from './layout.js';
import { flipInstance, flipModule, type FlipExports } from './load.js';
import { makeThread, writeModel } from './regions.js';
import { sizesOf, type Sizes } from './sizes.js';

/** Plans kept: the chains of a run are within few sweeps of each other. */
const PLANS_KEPT = 16;

export class WasmSweepTables {
  readonly #arena = new Arena();
  readonly #sizes: Sizes;
  readonly #wasm: FlipExports;
  readonly #modelAt: number;
  readonly #threadAt: number;
  readonly #plans = new Map<number, SweepPlan>();

  constructor(rule: ChainRule) {
    this.#sizes = sizesOf(rule.model, rule.moves);
    this.#wasm = flipInstance(flipModule(), this.#arena.memory);
    this.#modelAt = writeModel(this.#arena, this.#sizes, rule.seed).at;
    this.#threadAt = makeThread(this.#arena, this.#sizes).at;
  }

  /** The order of a sweep's sites, which all chains share. */
  plan(sweep: number): SweepPlan {
    const known = this.#plans.get(sweep);
    if (known) return known;
    const { views } = this.#arena;
    const { sites, blocks } = this.#sizes;
    this.#wasm.makePlan(this.#modelAt, this.#threadAt, sweep);
    const which = this.#threadAt + 4 * (sweep & 1);
    const plan = {
      sites: views.i32(views.address(which + layout.THREAD_PLAN_SITES), sites).slice(),
      blockStarts: views.i32(views.address(which + layout.THREAD_BLOCK_STARTS), blocks + 1).slice(),
    };
    if (this.#plans.size === PLANS_KEPT) this.#plans.delete(this.#plans.keys().next().value!);
    this.#plans.set(sweep, plan);
    return plan;
  }

  /**
   * Writes `4096 logit(u)` of each position of a sweep's plan for one chain: with the move's change of the log prior,
   * `thresholdFromNeedQ(needQ[position] - priorChangeQ, betaQ)` is the move's threshold.
   * @param out as long as the plan
   */
  fillNeedQ(chain: number, sweep: number, out: Float64Array): void {
    const { views } = this.#arena;
    this.#wasm.sweepNeeds(this.#modelAt, this.#threadAt, chain, sweep);
    out.set(views.f64(views.address(this.#threadAt + layout.THREAD_OUTPUT), this.#sizes.sites));
  }
}
