/** Where the chains begin: from the store, else at random. */
import { randomStart } from '../posterior/weights.js';
import type { ChainRule } from '../kernel/kernel.js';
import type { DrawStore } from '../store/store.js';
import type { StartState } from './brain/config.js';

/** One state a chain. */
export function startStates(rule: ChainRule, chains: number, store: Pick<DrawStore, 'resume'>): StartState[] {
  const { resume } = store;
  return Array.from(
    { length: chains },
    (_, chain) => resume.get(chain) ?? { sweep: 0, w: randomStart(rule.model, rule.seed, chain) },
  );
}
