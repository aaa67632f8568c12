/** Where the chains begin: from the store, else at random. */
import { randomStart } from '../posterior/weights.js';
import type { ChainRule } from '../kernel/kernel.js';
import type { RunPlan } from '../sampler/run-plan.js';
import type { DrawStore } from '../store/store.js';
import type { BrainConfig, StartState } from './brain/config.js';

type Starts = Pick<BrainConfig, 'starts' | 'ladders'>;

/** One state a walker; of tempered chains also where their exchanges go on. */
export function startStates(rule: ChainRule, plan: RunPlan, { resume }: Pick<DrawStore, 'resume'>): Starts {
  const begin = (walker: number): StartState => ({
    sweep: 0,
    w: randomStart(rule.model, rule.seed, walker),
  });
  const chains = Array.from({ length: plan.chains }, (_, chain) => chain);
  const { tempering } = plan;
  if (!tempering) return { starts: chains.map((chain) => resume.get(chain) ?? begin(chain)) };
  const starts = chains.flatMap((chain) => {
    const { sweep, replicas } = resume.get(chain) ?? {};
    return Array.from({ length: tempering.replicas }, (_, r) =>
      replicas
        ? { sweep: sweep!, w: replicas.w[r]!, logLikQ: replicas.logLikQ[r]! }
        : begin(chain * tempering.replicas + r),
    );
  });
  const ladders = chains.map((chain) => {
    const { replicas, counts } = resume.get(chain) ?? {};
    return replicas && { exchange: replicas.exchange, counts: counts! };
  });
  return { starts, ladders };
}
