/** Sweep tables in plain TypeScript; a driver may hand the brain a faster equal of them. */
import type { ChainRule } from '../../kernel/kernel.js';
import { NAT_Q } from '../../posterior/grid.js';
import { logit53 } from '../../posterior/threshold.js';
import { acceptBits } from '../../sampler/moves.js';
import { neighbourPairs, planSweep, type NeighbourPairs, type SweepPlan } from '../../sampler/sites.js';
import type { SweepTables } from './config.js';

/** Plans kept: chains of a group are within few sweeps of each other. */
const PLANS_KEPT = 16;

export class PlainSweepTables implements SweepTables {
  readonly #rule: ChainRule;
  readonly #pairs: NeighbourPairs;
  readonly #plans = new Map<number, SweepPlan>();

  constructor(rule: ChainRule) {
    this.#rule = rule;
    this.#pairs = neighbourPairs(rule.model);
  }

  plan(sweep: number): SweepPlan {
    const known = this.#plans.get(sweep);
    if (known) return known;
    const { model, moves, seed } = this.#rule;
    const plan = planSweep(model, this.#pairs, moves, seed, sweep);
    if (this.#plans.size === PLANS_KEPT) this.#plans.delete(this.#plans.keys().next().value!);
    this.#plans.set(sweep, plan);
    return plan;
  }

  fillNeedQ(chain: number, sweep: number, out: Float64Array): void {
    const { sites } = this.plan(sweep);
    const { seed } = this.#rule;
    for (let position = 0; position < sites.length; position++) {
      out[position] = NAT_Q * logit53(acceptBits({ seed, chain, sweep, site: sites[position]! }));
    }
  }
}
