/**
 * A run's draws lie in two sections of one make: those of the warm-up, where they are kept, and those of the sampling. A
 * chain's records are numbered through both, the warm-up's first, so that both grow by the same steps. Pure.
 */
import { warmupDraws } from '../sampler/run-plan.js';

export interface Section {
  /** Groups of the weights and of the statistics. */
  readonly posterior: string;
  readonly statistics: string;
  /** Attribute of the root that tells how many of its draws each chain has in chunk files. */
  readonly stored: string;
  /** Its records of a chain: `from` .. `to - 1`. Draw 0 of the section is record `from`. */
  readonly from: number;
  readonly to: number;
}

/** The sections of a run with these settings, in the order of their records. */
export function sectionsOf(settings: Parameters<typeof warmupDraws>[0]): readonly Section[] {
  const from = warmupDraws(settings);
  const sampling: Section = {
    ...{ posterior: 'posterior', statistics: 'sample_stats', stored: 'stored_draws' },
    ...{ from, to: Infinity },
  };
  if (from === 0) return [sampling];
  const warmup: Section = {
    ...{ posterior: 'warmup_posterior', statistics: 'warmup_sample_stats', stored: 'stored_warmup_draws' },
    ...{ from: 0, to: from },
  };
  return [warmup, sampling];
}

export function samplingSection(settings: Parameters<typeof warmupDraws>[0]): Section {
  return sectionsOf(settings).at(-1)!;
}

/** How many of a chain's first `records` records lie in a section. */
export function lengthIn({ from, to }: Section, records: number): number {
  return Math.min(Math.max(0, records - from), to - from);
}

/** A record as messages name it. */
export function recordName(settings: Parameters<typeof warmupDraws>[0], record: number): string {
  const first = warmupDraws(settings);
  return record < first ? `warm-up draw ${record}` : `draw ${record - first}`;
}
