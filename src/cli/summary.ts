/** What a run ends with, as text. */
import type { RunStatus } from '../coordinator/status.js';
import type { PredictiveReport, Score } from '../predict/predictive.js';
import type { MoveCounts } from '../sampler/moves.js';
import type { ChainSummary, DrawSummary } from './draw-summary.js';
import type { PhaseTotals } from './progress/phases.js';
import { bytesText, durationText, grouped, percent, textTable } from './text-table.js';

/** How the work was spread, for runs that had a coordinator. */
export type LayoutFacts = Pick<RunStatus, 'rounds' | 'wrongGuesses' | 'bytesReceived' | 'bytesSent'>;

export interface SummaryFacts {
  readonly kind: 'finished' | 'stopped';
  readonly seconds: number;
  readonly seed: number;
  readonly drawsWanted: number;
  readonly draws: DrawSummary;
  /** Absent where there is no test set. */
  readonly predictive?: PredictiveReport;
  readonly phases: readonly PhaseTotals[];
  readonly layout?: LayoutFacts;
  /** What chains of a warm-up of automatic length were found to be. */
  readonly warmup?: string;
  /** What the stop rule found last, where there is one. */
  readonly until?: string;
  readonly out: string;
  readonly logFile?: string;
  /** Command that goes on with a run that stopped. */
  readonly goOn: string;
}

/** What the first line tells. */
type HeadFacts = Pick<SummaryFacts, 'kind' | 'seconds' | 'drawsWanted' | 'seed'>;

function nat(value: number): string {
  return Number.isNaN(value) ? '-' : grouped(value, 1);
}

function acceptedCells(counts: MoveCounts): string[] {
  return [
    percent(counts.flipsAccepted, counts.flipsProposed),
    percent(counts.swapsAccepted, counts.swapsProposed),
    percent(counts.rowsAccepted, counts.rowsProposed),
  ];
}

function accuracyCell(score: Score | undefined): string {
  return score ? percent(score.accuracy) : '-';
}

function chainRow(chain: ChainSummary, number: number, predictive: PredictiveReport | undefined): string[] {
  const { draws, lpMean, lpSd, lpLast, logLikLast, counts } = chain;
  const figures = [lpMean, lpSd, lpLast, logLikLast].map(nat);
  const accuracy = predictive ? [accuracyCell(predictive.byChain[number])] : [];
  return [String(number), grouped(draws), ...figures, ...acceptedCells(counts), ...accuracy];
}

/** A line a chain: log posterior, log-likelihood, acceptance of each move, accuracy of its own predictive. */
export function chainTable(draws: DrawSummary, predictive: PredictiveReport | undefined): string {
  const head = ['chain', 'draws', 'lp mean', 'sd', 'lp last', 'loglik last', 'flips', 'swaps', 'rows'];
  const rows = draws.chains.map((chain, number) => chainRow(chain, number, predictive));
  if (!predictive) return textTable([head, ...rows]);
  const all = ['all', ...head.slice(1).map(() => ''), accuracyCell(predictive.averaged)];
  return textTable([[...head, 'test accuracy'], ...rows, all]);
}

function phaseText({ phase, sweeps, seconds }: PhaseTotals): string {
  const speed = seconds > 0 ? (sweeps / seconds).toFixed(1) : '-';
  return `${phase} ${grouped(sweeps)} sweeps in ${durationText(seconds)} (${speed} sweeps/s)`;
}

function layoutText({ rounds, wrongGuesses, bytesReceived, bytesSent }: LayoutFacts): string {
  const wrong = `${grouped(wrongGuesses.flips)} of flips, ${grouped(wrongGuesses.swaps)} of swaps`;
  const traffic = `${bytesText(bytesSent)} to workers and clients, ${bytesText(bytesReceived)} from them`;
  return `rounds ${grouped(rounds)}; wrong guesses ${wrong}; ${traffic}`;
}

function predictiveText({ draws, accuracy, logScore }: Score): string {
  const mean = `predictive averaged over ${grouped(draws)} draws`;
  return `${mean}: accuracy ${percent(accuracy)}, log score ${logScore.toFixed(4)} nat a row`;
}

function head({ kind, seconds, drawsWanted, seed }: HeadFacts, draws: number): string {
  const share = `${grouped(draws)} of ${grouped(drawsWanted)} draws a chain`;
  return `${kind} after ${durationText(seconds)}: ${share}, seed ${seed}`;
}

/** What a stopped run says when there are too many draws to sum up at once. */
export function briefText(facts: HeadFacts & Pick<SummaryFacts, 'out' | 'goOn'>, draws: number): string {
  const summary = `npx bitgibbs summary ${facts.out}`;
  return `${head(facts, draws)}\n\ndraws:   ${facts.out}; summed up by: ${summary}\ngo on:   ${facts.goOn}\n`;
}

/** The whole summary, several lines. */
export function summaryText(facts: SummaryFacts): string {
  const { draws, predictive, layout } = facts;
  const stored = Math.min(...draws.chains.map((chain) => chain.draws));
  const lines = [
    head(facts, stored),
    '',
    chainTable(draws, predictive),
    '',
    ...(predictive?.averaged ? [`test:    ${predictiveText(predictive.averaged)}`] : []),
    ...(facts.phases.length > 0 ? [`speed:   ${facts.phases.map(phaseText).join('; ')}`] : []),
    ...(layout ? [`layout:  ${layoutText(layout)}`] : []),
    ...(facts.warmup ? [`auto:    ${facts.warmup}`] : []),
    ...(facts.until ? [`until:   ${facts.until}`] : []),
    `draws:   ${facts.out}`,
    ...(facts.logFile ? [`log:     ${facts.logFile}`] : []),
    `digest:  ${draws.digest}`,
    ...(facts.kind === 'stopped' ? [`go on:   ${facts.goOn}`] : []),
    'note:    flips, swaps, rows: share of proposals accepted while sampling; nothing here shows that the chains have converged',
  ];
  return `${lines.join('\n')}\n`;
}
