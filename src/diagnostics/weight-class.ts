/** What kind of sampling each weight has seen. R-hat and effective size say nothing of a bit that never moved. */
import type { BitEstimate } from './bit-series.js';

/**
 * - mixed: R-hat and effective size are within the limits
 * - sticky: it moved in some chain, yet not enough
 * - agreed: no chain ever changed it, and all have the same value: a certain bit, or one that no chain could move
 * - disagreed: no chain ever changed it, and chains have different values
 */
export type WeightClass = 'mixed' | 'sticky' | 'agreed' | 'disagreed';

export const WEIGHT_CLASSES: readonly WeightClass[] = ['mixed', 'sticky', 'agreed', 'disagreed'];

/** What is asked of a quantity before its mean is trusted. */
export interface Limits {
  /** R-hat at most this. */
  readonly rhat: number;
  /** Bulk effective size at least this. */
  readonly ess: number;
}

/** Vehtari et al. 2021, section 4.3. */
export const USUAL_LIMITS: Limits = { rhat: 1.01, ess: 400 };

/** With one chain there is no R-hat, and the effective size alone decides. */
export function isWithin(
  limits: Limits,
  chains: number,
  figures: { rhat: number; essBulk: number },
): boolean {
  return figures.essBulk >= limits.ess && (chains === 1 || figures.rhat <= limits.rhat);
}

export function classOf(bit: BitEstimate, limits: Limits): WeightClass {
  const { flips, ones } = bit;
  if (flips === 0) return ones.every((count) => count === ones[0]) ? 'agreed' : 'disagreed';
  return isWithin(limits, ones.length, bit) ? 'mixed' : 'sticky';
}

export type ClassCounts = Readonly<Record<WeightClass, number>>;

export function countClasses(classes: readonly WeightClass[]): ClassCounts {
  const counts = { mixed: 0, sticky: 0, agreed: 0, disagreed: 0 };
  for (const name of classes) counts[name]++;
  return counts;
}
