/** A short account of an analysis: what is sent to clients. */
import { InputError } from '../../posterior/model.js';
import type { LadderFigures } from '../../diagnostics/ladder.js';
import type { LadderSummary, RunSummary } from '../../wire/codec/summary.js';
import type { Analysis, WeightFigures } from '../analysis.js';

/** Weights that figures are wanted of: some by feature and class, and so many of those that mixed worst. */
export interface WantedWeights {
  readonly weights: readonly { readonly feature: number; readonly class: number }[];
  readonly worst: number;
}

/** Those with the largest R-hat among the weights that moved. */
export function worstWeights({ weights }: Analysis, count: number): WeightFigures[] {
  const moving = weights.filter(({ flips }) => flips > 0);
  return moving.sort((a, b) => (b.rhat || 0) - (a.rhat || 0)).slice(0, count);
}

/** Bulk effective size of lp by sweep of all chains. */
export function essPerSweep({ lp, draws, chains }: Analysis, thin: number): number {
  return lp.essBulk / (draws * chains * thin);
}

/** @throws InputError where a weight is none of the model's, or pinned */
export function summarize(analysis: Analysis, wanted: WantedWeights, thin: number): RunSummary {
  const { draws, chains, lp, classes, predictions, ladder, warnings, remarks } = analysis;
  const asked = wanted.weights.map(({ feature, class: k }) => {
    const found = analysis.weights.find((one) => one.feature === feature && one.class === k);
    if (found) return found;
    throw new InputError(`there is no free weight of feature ${feature} and class number ${k}`);
  });
  const weights = [...asked, ...worstWeights(analysis, wanted.worst)];
  return {
    ...{ draws, chains, lp, counts: classes, warnings, remarks },
    lpAutocorrelations: [...analysis.lpAutocorrelations],
    essPerSweep: essPerSweep(analysis, thin),
    weights: weights.map(({ meanOfChains: _, ...weight }) => weight),
    ...(predictions
      ? {
          test: {
            ...{ draws: predictions.draws, rows: predictions.test.count },
            ...{ accuracy: predictions.accuracy, logScore: predictions.logScore },
          },
        }
      : {}),
    ...(ladder ? { ladder: withoutPath(ladder) } : {}),
  };
}

function withoutPath({ path: _, ...ladder }: LadderFigures): LadderSummary {
  return ladder;
}
