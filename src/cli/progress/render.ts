/** A run's state as text: one line for logs, several lines for a terminal. */
import type { RunStatus } from '../../coordinator/status.js';
import type { MoveCounts } from '../../sampler/moves.js';
import { bytesText, durationText, grouped, percent } from '../text-table.js';

/** What the display shows of a run beside its status. */
export interface ProgressFacts {
  readonly title: string;
  /** Sweeps a chain, warm-up included. */
  readonly totalSweeps: number;
  /** Of the predictive averaged over all draws so far, from 0 to 1. */
  readonly accuracy: number | undefined;
}

const MOST_CHAINS = 8;
const BAR_WIDTH = 30;

function share(status: RunStatus, totalSweeps: number): number {
  const done = status.chains.reduce((sum, chain) => sum + chain.sweep, 0);
  return Math.min(1, done / (totalSweeps * status.chains.length));
}

function lpText(lp: number | undefined): string {
  return lp === undefined ? '-' : grouped(lp, 1);
}

/** The coldest and the hottest chain, where they differ. */
function betaText(status: RunStatus): string {
  const betas = status.chains.map((chain) => chain.beta);
  const low = Math.min(...betas).toFixed(3);
  const high = Math.max(...betas).toFixed(3);
  return low === high ? low : `${low}-${high}`;
}

/** Accepted share of each kind of move. */
export function acceptanceText(moves: MoveCounts): string {
  const parts = [`flips ${percent(moves.flipsAccepted, moves.flipsProposed)}`];
  if (moves.swapsProposed) parts.push(`swaps ${percent(moves.swapsAccepted, moves.swapsProposed)}`);
  if (moves.rowsProposed) parts.push(`rows ${percent(moves.rowsAccepted, moves.rowsProposed)}`);
  return parts.join(', ');
}

function drawsText(status: RunStatus): string {
  return `draws ${grouped(status.drawsStored)} of ${grouped(status.drawsWanted)}`;
}

function waitingText(status: RunStatus): string {
  return `waiting for workers (${status.workers.length} here)`;
}

/** One line for a log that is no terminal. */
export function progressLine(status: RunStatus, facts: ProgressFacts): string {
  const elapsed = durationText(status.elapsedSeconds);
  if (status.phase === 'waiting') return `${elapsed}: ${waitingText(status)}`;
  const lps = status.chains.slice(0, MOST_CHAINS).map((chain) => lpText(chain.lp));
  const parts = [
    `${status.phase} ${percent(share(status, facts.totalSweeps), 1, 0)}`,
    `beta ${betaText(status)}`,
    `${status.sweepsPerSecond.toFixed(1)} sweeps/s`,
    drawsText(status),
    `lp ${lps.join(' ')}${status.chains.length > MOST_CHAINS ? ' ..' : ''}`,
    `accepted ${acceptanceText(status.moves)}`,
  ];
  if (facts.accuracy !== undefined) parts.push(`test accuracy ${percent(facts.accuracy)}`);
  return `${elapsed}: ${parts.join(' | ')}`;
}

function bar(part: number): string {
  const full = Math.floor(part * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

/** Lines for a terminal, to be drawn over again. */
export function progressLines(status: RunStatus, facts: ProgressFacts): string[] {
  const head = `${facts.title}   ${durationText(status.elapsedSeconds)}`;
  if (status.phase === 'waiting') return [head, waitingText(status)];
  const part = share(status, facts.totalSweeps);
  const speed = `${status.sweepsPerSecond.toFixed(1)} sweeps/s`;
  const shown = status.chains.slice(0, MOST_CHAINS);
  const hidden = status.chains.length - shown.length;
  const wrong = status.wrongGuesses.flips + status.wrongGuesses.swaps;
  const traffic = bytesText(status.bytesReceived + status.bytesSent);
  const accuracy = facts.accuracy === undefined ? '' : `   test accuracy ${percent(facts.accuracy)}`;
  return [
    head,
    `${bar(part)} ${percent(part, 1, 0).padStart(5)}  ${status.phase}   beta ${betaText(status)}   ${speed}`,
    ...shown.map((chain) => `  chain ${chain.chain}   sweep ${chain.sweep}   lp ${lpText(chain.lp)}`),
    ...(hidden > 0 ? [`  and ${hidden} more chains`] : []),
    `accepted: ${acceptanceText(status.moves)}`,
    `${status.workers.length} workers   rounds ${grouped(status.rounds)}   wrong guesses ${grouped(wrong)}   ${traffic}`,
    `${drawsText(status)}${accuracy}`,
  ];
}
