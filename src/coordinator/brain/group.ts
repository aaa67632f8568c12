/** Workers that share chains: each member covers some shards, together they cover all. A single member walks alone. */
import { isTempered } from '../../sampler/tempering/tempering.js';
import { featureOwners } from '../../sampler/owners.js';
import { Chances } from './chances.js';
import type { BrainContext } from './context.js';
import { keyOfMembers, type MemberPlan } from './layout.js';
import type { WorkerId } from './messages.js';
import { SharedSites } from './shared-sites.js';

export class Group {
  readonly key: string;
  readonly owners: Uint8Array;
  /** In the order of their numbers in `owners`. */
  readonly workers: readonly WorkerId[];
  readonly #context: BrainContext;
  #shared: SharedSites | undefined;
  readonly #chances: Chances | undefined;

  constructor(
    readonly members: readonly MemberPlan[],
    context: BrainContext,
  ) {
    const { rule, shards } = context.config;
    const { features } = rule.model;
    this.#context = context;
    this.key = keyOfMembers(members);
    this.workers = members.map(({ worker }) => worker);
    const lit = members.map((member) => {
      const any = new Uint8Array(features);
      for (const shard of member.shards) shards[shard]!.lit.forEach((bit, j) => (any[j]! |= bit));
      return any;
    });
    this.owners = featureOwners(lit, features, context.pairs);
    if (!isTempered(context.config.plan)) this.#chances = new Chances();
  }

  get isSolo(): boolean {
    return this.members.length === 1;
  }

  /** For a chain's guesses. Chains learn together, so that one that comes later begins well; replicas differ in beta. */
  chances(): Chances {
    return this.#chances ?? new Chances();
  }

  get sharedSites(): SharedSites {
    const { config, pairs } = this.#context;
    return (this.#shared ??= new SharedSites(config.rule.model, pairs, this.owners));
  }
}
