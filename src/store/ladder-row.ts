/** What a draw tells of its chain's ladder, as the arrays of LADDER_STATISTICS hold it. */
import { NAT_Q } from '../posterior/grid.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import type { LadderDraw } from '../sampler/tempering/replica-exchange.js';
import { LADDER_STATISTICS } from './arrays.js';

const NAMES: ReadonlySet<string> = new Set(LADDER_STATISTICS.map(({ name }) => name));

export function isLadderStatistic(name: string): boolean {
  return NAMES.has(name);
}

/** A draw's numbers in one of the arrays. */
export function ladderStatistic(name: string, ladder: LadderDraw): number[] {
  if (name === 'rung_beta') return Array.from(ladder.betasQ, (q) => q / BETA_ONE_Q);
  if (name === 'rung_replica') return [...ladder.replicas];
  if (name === 'rung_log_likelihood') return Array.from(ladder.logLikQ, (q) => q / NAT_Q);
  if (name === 'exchange_rejection') return [...ladder.rejection];
  return [name === 'restarts' ? ladder.restarts : ladder.roundTrips];
}

/** The reverse. @param read numbers of a draw in an array */
export function takeLadder(read: (name: string) => readonly number[]): LadderDraw {
  return {
    betasQ: Int32Array.from(read('rung_beta'), (beta) => Math.round(BETA_ONE_Q * beta)),
    replicas: Int32Array.from(read('rung_replica')),
    logLikQ: Float64Array.from(read('rung_log_likelihood'), (nat) => Math.round(NAT_Q * nat)),
    rejection: Float64Array.from(read('exchange_rejection')),
    restarts: read('restarts')[0]!,
    roundTrips: read('round_trips')[0]!,
  };
}
