/** How far a run is, as HTML. */
import { span } from '../facts.js';
import { escaped } from '../html.js';

export interface LiveChain {
  readonly chain: number;
  /** Sweeps done, warm-up included. */
  readonly sweep: number;
  /** Inverse temperature. */
  readonly beta: number;
  /** Log posterior, nat, once it is known. */
  readonly lp: number | undefined;
}

/** What a page is told of a run. */
export interface LiveStatus {
  readonly phase: 'waiting' | 'warm-up' | 'sampling' | 'finished' | 'stopped';
  readonly elapsedSeconds: number;
  readonly chains: readonly LiveChain[];
  /** All chains together, over the last few seconds. */
  readonly sweepsPerSecond: number;
  /** Draws that every chain has stored, and how many there will be. */
  readonly drawsStored: number;
  readonly drawsWanted: number;
  readonly workers: readonly unknown[];
}

/** Of the run itself; none of it changes. */
export interface LiveRun {
  /** Name of the data. */
  readonly data: string;
  readonly warmupSweeps: number;
}

const MOST_CHAINS = 16;

const number = (value: number): string => value.toLocaleString('en-US');
const counted = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Warm-up sweeps that every chain has done. */
function warmed({ chains }: LiveStatus, { warmupSweeps }: LiveRun): number {
  return Math.min(warmupSweeps, ...chains.map(({ sweep }) => sweep));
}

function sentence(status: LiveStatus, run: LiveRun): string {
  const { drawsStored, drawsWanted, workers } = status;
  const draws = `${number(drawsStored)} of ${number(drawsWanted)} draws a chain are stored`;
  switch (status.phase) {
    case 'waiting':
      return workers.length === 0
        ? 'No worker is here yet.'
        : `${counted(workers.length, 'worker')} here, more are waited for.`;
    case 'warm-up':
      return `Every chain has done ${number(warmed(status, run))} of ${number(run.warmupSweeps)} warm-up sweeps.`;
    case 'sampling':
      return `${draws}.`;
    case 'finished':
      return `The run is over: ${draws}. This page stays as it is.`;
    case 'stopped':
      return `The run was stopped: ${draws}. This page stays as it is.`;
  }
}

/** Share of the phase that is done, 0 to 1. */
function share(status: LiveStatus, run: LiveRun): number {
  if (status.phase === 'waiting') return 0;
  return status.phase === 'warm-up'
    ? warmed(status, run) / run.warmupSweeps
    : status.drawsStored / status.drawsWanted;
}

function chainLine({ chain, sweep, beta, lp }: LiveChain): string {
  const shown = lp === undefined ? '–' : lp.toFixed(1);
  return `<tr><td>${chain}</td><td>${number(sweep)}</td><td>${beta.toFixed(3)}</td><td>${shown}</td></tr>`;
}

function chainTable({ chains }: LiveStatus): string {
  const more =
    chains.length > MOST_CHAINS
      ? `<p><small>The first ${MOST_CHAINS} of ${number(chains.length)} chains.</small></p>`
      : '';
  return (
    `<div class="scroll"><table class="chains"><tr><th>chain</th><th>sweeps</th><th>beta</th><th>lp (nat)</th></tr>` +
    `${chains.slice(0, MOST_CHAINS).map(chainLine).join('')}</table></div>${more}`
  );
}

/** Phase, progress, speed; while chains warm up also where each is. */
export function statusView(status: LiveStatus, run: LiveRun): string {
  const { phase, elapsedSeconds, sweepsPerSecond, workers } = status;
  const isMoving = phase === 'warm-up' || phase === 'sampling';
  const facts = [
    span(elapsedSeconds),
    ...(isMoving ? [`${number(Math.round(10 * sweepsPerSecond) / 10)} sweeps/s`] : []),
    ...(isMoving || phase === 'waiting' ? [counted(workers.length, 'worker')] : []),
  ];
  return (
    `<p class="phase"><b class="badge ${phase}">${phase}</b> <span>${escaped(run.data)}</span> <small>${facts.join(' · ')}</small></p>` +
    `<progress max="1" value="${share(status, run).toFixed(4)}" aria-label="share of the ${phase} that is done"></progress>` +
    `<p>${sentence(status, run)}</p>${phase === 'warm-up' ? chainTable(status) : ''}`
  );
}
