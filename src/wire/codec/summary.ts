/** What the draws of a run say, as clients are told. */
import type { LadderFigures } from '../../diagnostics/ladder.js';
import type { Estimate } from '../../diagnostics/scalar.js';
import type { ClassCounts, WeightClass } from '../../diagnostics/weight-class.js';
import { v1 } from '../messages.js';
import { nameOf } from './status.js';

/** Figures of one weight. */
export interface WeightSummary extends Estimate {
  readonly feature: number;
  readonly class: number;
  readonly kind: WeightClass;
  readonly flips: number;
}

/** A value and its Monte Carlo standard error. */
export interface Estimated {
  readonly value: number;
  readonly error: number;
}

export interface RunSummary {
  /** Draws a chain that it is of. */
  readonly draws: number;
  readonly chains: number;
  readonly lp: Estimate;
  /** From lag 0 draws on. */
  readonly lpAutocorrelations: readonly number[];
  /** Bulk effective size of lp by sweep of all chains. */
  readonly essPerSweep: number;
  /** By second of sampling; undefined where that time is not known. */
  readonly essPerSecond?: number;
  /** Those asked for. */
  readonly weights: readonly WeightSummary[];
  readonly counts: ClassCounts;
  readonly test?: {
    readonly draws: number;
    readonly rows: number;
    readonly accuracy: Estimated;
    readonly logScore: Estimated;
  };
  /** Of tempered chains. */
  readonly ladder?: LadderSummary;
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
}

/** Ladders without the way of a replica. */
export type LadderSummary = Omit<LadderFigures, 'path'>;

const KINDS: Readonly<Record<WeightClass, v1.WeightClass>> = {
  mixed: v1.WeightClass.WEIGHT_CLASS_MIXED,
  sticky: v1.WeightClass.WEIGHT_CLASS_STICKY,
  agreed: v1.WeightClass.WEIGHT_CLASS_AGREED,
  disagreed: v1.WeightClass.WEIGHT_CLASS_DISAGREED,
};

function encodeEstimate({ rhat, ...same }: Estimate): v1.Estimate.$Properties {
  const { mean, sd, mcseMean, mcseSd, essBulk, essTail } = same;
  return { mean, sd, mcseMean, mcseSd, essBulk, essTail, rHat: rhat };
}

function decodeEstimate(message: v1.Estimate.$Properties | null | undefined): Estimate {
  const { mean, sd, mcseMean, mcseSd, essBulk, essTail, rHat } = message ?? {};
  return {
    ...{ mean: mean ?? 0, sd: sd ?? 0, mcseMean: mcseMean ?? 0, mcseSd: mcseSd ?? 0 },
    ...{ essBulk: essBulk ?? 0, essTail: essTail ?? 0, rhat: rHat ?? 0 },
  };
}

/** @param samplingSeconds in which the draws were made; 0 where that is not known */
export function encodeSummary(
  summary: RunSummary,
  samplingSeconds: number,
): v1.GetSummaryResponse.$Properties {
  const { draws, chains, lp, essPerSweep, counts, test } = summary;
  return {
    ...{ draws, chains, lp: encodeEstimate(lp), essPerSweep, counts, samplingSeconds },
    lpAutocorrelation: [...summary.lpAutocorrelations],
    essPerSecond: samplingSeconds > 0 ? lp.essBulk / samplingSeconds : 0,
    weights: summary.weights.map((weight) => ({
      weight: { feature: weight.feature, classIndex: weight.class },
      ...{ estimate: encodeEstimate(weight), kind: KINDS[weight.kind], flips: weight.flips },
    })),
    ...(test
      ? {
          test: {
            ...{ draws: test.draws, rows: test.rows },
            ...{ accuracy: test.accuracy.value, accuracyMcse: test.accuracy.error },
            ...{ logScore: test.logScore.value, logScoreMcse: test.logScore.error },
          },
        }
      : {}),
    ...(summary.ladder ? { ladder: encodeLadder(summary.ladder) } : {}),
    ...{ warnings: [...summary.warnings], remarks: [...summary.remarks] },
  };
}

function encodeLadder(ladder: LadderSummary): v1.LadderSummary.$Properties {
  const { rungs, barrier, restarts, roundTrips, logEvidence } = ladder;
  return {
    rungs: rungs.map(({ beta, logLik, rejection }) => ({ beta, logLikelihood: logLik, rejection })),
    ...{ barrier, restarts: [...restarts], roundTrips: [...roundTrips] },
    ...{ logEvidence: logEvidence.value, logEvidenceError: logEvidence.error },
  };
}

function decodeLadder(message: v1.LadderSummary.$Properties): LadderSummary {
  return {
    rungs: (message.rungs ?? []).map(({ beta, logLikelihood, rejection }) => ({
      ...{ beta: beta ?? 0, logLik: logLikelihood ?? 0, rejection: rejection ?? 0 },
    })),
    barrier: message.barrier ?? 0,
    restarts: (message.restarts ?? []).map(Number),
    roundTrips: (message.roundTrips ?? []).map(Number),
    logEvidence: { value: message.logEvidence ?? 0, error: message.logEvidenceError ?? 0 },
  };
}

function decodeTest(message: v1.TestFigures.$Properties): NonNullable<RunSummary['test']> {
  return {
    ...{ draws: message.draws ?? 0, rows: message.rows ?? 0 },
    accuracy: { value: message.accuracy ?? 0, error: message.accuracyMcse ?? 0 },
    logScore: { value: message.logScore ?? 0, error: message.logScoreMcse ?? 0 },
  };
}

function decodeWeight(message: v1.WeightEstimate.$Properties): WeightSummary {
  const { weight, estimate, kind, flips } = message;
  return {
    ...decodeEstimate(estimate),
    ...{ feature: weight?.feature ?? 0, class: weight?.classIndex ?? 0, flips: flips ?? 0 },
    kind: nameOf(KINDS, kind, 'sticky'),
  };
}

function decodeCounts(message: v1.WeightCounts.$Properties): ClassCounts {
  const { mixed, sticky, agreed, disagreed } = message;
  return { mixed: mixed ?? 0, sticky: sticky ?? 0, agreed: agreed ?? 0, disagreed: disagreed ?? 0 };
}

export function decodeSummary(message: v1.GetSummaryResponse.$Properties): RunSummary {
  const { test, ladder, essPerSecond } = message;
  return {
    ...{ draws: message.draws ?? 0, chains: message.chains ?? 0, lp: decodeEstimate(message.lp) },
    lpAutocorrelations: message.lpAutocorrelation ?? [],
    essPerSweep: message.essPerSweep ?? 0,
    ...(message.samplingSeconds ? { essPerSecond: essPerSecond ?? 0 } : {}),
    weights: (message.weights ?? []).map(decodeWeight),
    counts: decodeCounts(message.counts ?? {}),
    ...(test ? { test: decodeTest(test) } : {}),
    ...(ladder ? { ladder: decodeLadder(ladder) } : {}),
    ...{ warnings: message.warnings ?? [], remarks: message.remarks ?? [] },
  };
}
