/** How tempered chains move over their ladder, over the draws of this process. None where chains walk alone. */
import type { Registry } from 'prom-client';
import type { LadderFigures, RungFigures } from '../../diagnostics/ladder.js';
import { sampledCounter, sampledGauge, type SampledSpec } from '../../telemetry/registry.js';
import type { MetricSources } from './sources.js';

/** Rungs that have series of their own; of longer ladders every so many. */
const MOST_RUNGS = 64;

type Labelled = readonly [labels: Record<string, number>, value: number];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One series a rung, where the rung has that figure. */
function byRung(rungs: readonly RungFigures[], value: (rung: RungFigures) => number): Labelled[] {
  const every = Math.ceil(rungs.length / MOST_RUNGS);
  return rungs
    .map((rung, i): Labelled => [{ rung: i }, value(rung)])
    .filter(([{ rung }, figure]) => Number.isFinite(figure) && rung! % every === 0);
}

function one(value: number): Labelled[] {
  return Number.isFinite(value) ? [[{}, value]] : [];
}

interface LadderSpec extends Omit<SampledSpec, 'samples'> {
  values(figures: LadderFigures): readonly Labelled[];
}

const GAUGES: readonly LadderSpec[] = [
  {
    name: 'bitgibbs_ladder_beta_ratio',
    help: 'Inverse temperature of each rung; the last is 1, where draws are taken.',
    labels: ['rung'],
    values: ({ rungs }) => byRung(rungs, ({ beta }) => beta),
  },
  {
    name: 'bitgibbs_ladder_log_likelihood_nats',
    help: 'Mean log-likelihood of the replica at each rung, in nat, over all chains.',
    labels: ['rung'],
    values: ({ rungs }) => byRung(rungs, ({ logLik }) => logLik),
  },
  {
    name: 'bitgibbs_ladder_rejection_ratio',
    help: 'Share of exchanges between a rung and the next that are refused; a tuned ladder has them alike, at 1 nothing passes.',
    labels: ['rung'],
    values: ({ rungs }) => byRung(rungs, ({ rejection }) => rejection),
  },
  {
    name: 'bitgibbs_ladder_barrier',
    help: 'Global communication barrier: the refused shares of all pairs of rungs, summed. Twice as many replicas suit it.',
    values: ({ barrier }) => one(barrier),
  },
  {
    name: 'bitgibbs_ladder_log_evidence_nats',
    help: 'log of Z(1) / Z(lowest beta) by stepping stones, in nat: the log evidence where the lowest beta is 0.',
    values: ({ logEvidence }) => one(logEvidence.value),
  },
  {
    name: 'bitgibbs_ladder_log_evidence_error_nats',
    help: 'Standard error of the log evidence by the spread of the chains; none with one chain.',
    values: ({ logEvidence }) => one(logEvidence.error),
  },
];

const COUNTERS: readonly LadderSpec[] = [
  {
    name: 'bitgibbs_ladder_restarts_total',
    help: 'Replicas that came from the lowest rung to beta 1 since sampling began, over all chains: fresh starts of the draws.',
    values: ({ restarts }) => one(sum(restarts)),
  },
  {
    name: 'bitgibbs_ladder_round_trips_total',
    help: 'Replicas that went from beta 1 to the lowest rung and back since sampling began, over all chains.',
    values: ({ roundTrips }) => one(sum(roundTrips)),
  },
];

export function addLadder(registry: Registry, { watch, plan }: MetricSources): void {
  if (!plan().tempering) return;
  const sampled = ({ values, ...spec }: LadderSpec): SampledSpec => ({
    ...spec,
    samples: () => (watch.ladder ? values(watch.ladder) : []),
  });
  for (const spec of GAUGES) sampledGauge(registry, sampled(spec));
  for (const spec of COUNTERS) sampledCounter(registry, sampled(spec));
}
