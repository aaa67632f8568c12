/** Tables of a report: the run's settings, the machine, times. */
import type { RunManifest } from '../store/manifest.js';
import { escaped } from './html.js';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
}

export interface RunFacts {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly status: string;
  /** Why the run ended, where a rule decided. */
  readonly reason: string | undefined;
  /** When its files last changed. */
  readonly changedAt: Date;
  /** Bytes on disk. */
  readonly bytes: number;
  /** Draws a chain that are stored. */
  readonly draws: number;
  /** Where the report is made, and when; the run may have had many machines. */
  readonly machine: Machine;
  readonly madeAt: Date;
  readonly version: string;
}

type Line = readonly [name: string, value: string];

const number = (value: number): string => value.toLocaleString('en-US');
const time = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const megabytes = (bytes: number): string => `${number(Math.round(bytes / 1e5) / 10)} MB`;

/** Seconds in the two largest units. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([count], i) => i === 0 || count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

function table(title: string, lines: readonly Line[]): string {
  const rows = lines.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return `<div class="facts"><h3>${escaped(title)}</h3><table>${rows.join('')}</table></div>`;
}

function movesText({ rows, swaps }: RunManifest['settings']['moves']): string {
  return ['flips', ...(rows ? ['rows'] : []), ...(swaps ? ['swaps'] : [])].join(', ');
}

function modelLines({ settings, data }: RunManifest): Line[] {
  const { features, classes, grid, images, classNames, pinned, threshold, dataSha256, moves } = settings;
  return [
    ['data', `${data}, ${number(images)} rows`],
    ['data SHA-256', dataSha256],
    ...(threshold === null ? [] : [['threshold', `raw value above ${threshold} is a 1`] as const]),
    ['features', `${number(features)} (${grid.rows} x ${grid.columns})`],
    ['classes', `${classes}: ${classNames.join(', ')}`],
    ['pinned', pinned ? `class ${classNames[0]} has no weights` : 'no class'],
    ['moves', movesText(moves)],
  ];
}

function samplingLines({ manifest, status, reason, draws }: RunFacts): Line[] {
  const { chains, thin, seed, warmupBetasQ } = manifest.settings;
  const first = warmupBetasQ[0];
  const warmup =
    first === undefined
      ? 'none'
      : `${number(warmupBetasQ.length)} sweeps, beta from ${(first / 65536).toFixed(3)} to 1`;
  return [
    ['status', status],
    ...(reason ? [['ended because', reason] as const] : []),
    ['chains', number(chains)],
    ['draws a chain', `${number(draws)} of ${number(manifest.draws)}`],
    ['sweeps a draw', number(thin)],
    ['warm-up', warmup],
    ['seed', String(seed)],
  ];
}

function placeLines({ manifest, changedAt, bytes, machine, madeAt, version, folder }: RunFacts): Line[] {
  const begun = new Date(manifest.createdAt);
  const seconds = (changedAt.getTime() - begun.getTime()) / 1000;
  return [
    ['run', manifest.runId],
    ['folder', `${folder}, ${megabytes(bytes)}`],
    ['begun', time(begun)],
    ['last stored', `${time(changedAt)} (${span(seconds)} later)`],
    ['begun with', `bitgibbs ${manifest.versions.package}`],
    ['report made', `${time(madeAt)}, bitgibbs ${version}, Node ${machine.node}`],
    [
      'on',
      `${machine.processor}, ${machine.cores} cores, ${(machine.memory / 2 ** 30).toFixed(0)} GiB, ${machine.system}`,
    ],
  ];
}

export function factTables(facts: RunFacts): string[] {
  return [
    table('Model and data', modelLines(facts.manifest)),
    table('Sampling', samplingLines(facts)),
    table('Run and report', placeLines(facts)),
  ];
}
