/** The ladder of a tempered run, as text and as JSON. */
import type { LadderSummary } from '../wire/codec/summary.js';
import { grouped, textTable } from './text-table.js';

/** Rungs in a column; more are told by every so many. */
const MOST_RUNGS = 24;

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? grouped(low) : `${grouped(low)} to ${grouped(high)}`;
}

function evidenceText({ rungs, logEvidence: { value, error } }: LadderSummary): string {
  const lowest = rungs[0]!.beta;
  const name = lowest === 0 ? 'log evidence' : `log(Z(1) / Z(${lowest.toFixed(4)}))`;
  const spread = Number.isNaN(error) ? ' (several chains would tell its error)' : ` ± ${error.toFixed(3)}`;
  return `${name} ${grouped(value, 3)}${spread} nat, by stepping stones`;
}

export function ladderText(figures: LadderSummary): string[] {
  const { rungs, barrier, restarts, roundTrips } = figures;
  const every = Math.ceil(rungs.length / MOST_RUNGS);
  const shown = rungs.filter((_, rung) => rung % every === 0 || rung === rungs.length - 1);
  const rows = shown.map(({ beta, logLik, rejection }) => [
    beta.toFixed(4),
    grouped(logLik, 1),
    Number.isNaN(rejection) ? '' : rejection.toFixed(2),
  ]);
  return [
    textTable([['beta', 'loglik mean', 'rejected'], ...rows]),
    '',
    `ladder:  ${rungs.length} rungs, barrier ${barrier.toFixed(2)}; restarts a chain ${range(restarts)}, ` +
      `round trips ${range(roundTrips)}`,
    `         ${evidenceText(figures)}`,
  ];
}

/** NaN becomes null. */
export function ladderJson({ rungs, barrier, restarts, roundTrips, logEvidence }: LadderSummary): object {
  return {
    beta: rungs.map(({ beta }) => beta),
    log_likelihood: rungs.map(({ logLik }) => logLik),
    rejection: rungs.slice(0, -1).map(({ rejection }) => rejection),
    barrier,
    restarts,
    round_trips: roundTrips,
    log_evidence: { value: logEvidence.value, error: logEvidence.error, from_beta: rungs[0]!.beta },
  };
}
