/** How a run stands, as one screen of text. */
import type { RunInfo, StatusAnswer } from '../client/index.js';
import { acceptanceText } from './progress/render.js';
import { bytesText, durationText, grouped, percent, textTable } from './text-table.js';

/** More chains than this are summed up. */
const MOST_CHAINS = 16;

function chainsText({ status, totalSweeps }: StatusAnswer): string {
  const shown = status.chains.slice(0, MOST_CHAINS);
  const hidden = status.chains.length - shown.length;
  const rows = shown.map(({ chain, sweep, beta, lp, draws }) => [
    ...[`${chain}`, grouped(sweep), percent(sweep, totalSweeps, 0), beta.toFixed(3)],
    ...[lp === undefined ? '-' : grouped(lp, 1), grouped(draws)],
  ]);
  const table = textTable([['chain', 'sweep', '', 'beta', 'lp', 'draws'], ...rows]);
  return hidden > 0 ? `${table}\nand ${hidden} more chains` : table;
}

function workersText({ status }: StatusAnswer): string {
  if (status.workers.length === 0) return 'no workers';
  const rows = status.workers.map(({ worker, name, threads, memoryBytes, kernel, state, shards }) => [
    ...[`${worker}`, state, `${threads}`, bytesText(memoryBytes), kernel, shards.join(' ') || '-', name],
  ]);
  return textTable([['worker', '', 'threads', 'memory', 'kernel', 'shards', 'name'], ...rows]);
}

/** Several lines. */
export function statusText(run: RunInfo, answer: StatusAnswer): string {
  const { status } = answer;
  const { features, classes } = run.model;
  const wrong = status.wrongGuesses.flips + status.wrongGuesses.swaps;
  const traffic = bytesText(status.bytesReceived + status.bytesSent);
  return [
    `${run.data || 'data'}: ${grouped(run.rows)} rows, ${features} features, ${classes} classes; ` +
      `seed ${run.seed}, thin ${run.thin}, ${grouped(run.warmupSweeps)} warm-up sweeps`,
    `${status.phase} for ${durationText(status.elapsedSeconds)}: ${status.sweepsPerSecond.toFixed(1)} sweeps/s, ` +
      `draws ${grouped(status.drawsStored)} of ${grouped(status.drawsWanted)}`,
    '',
    chainsText(answer),
    '',
    workersText(answer),
    '',
    `accepted: ${acceptanceText(status.moves)}`,
    `rounds ${grouped(status.rounds)}, wrong guesses ${grouped(wrong)}, audits ${grouped(status.audits)}, ${traffic}`,
  ].join('\n');
}
