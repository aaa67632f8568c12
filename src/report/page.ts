/** The report: one page that needs nothing but itself. */
import { USUAL_LIMITS } from '../diagnostics/weight-class.js';
import type { Analysis } from './analysis.js';
import { factTables, type RunFacts } from './facts.js';
import { autocorrelationFigure, rankFigure, traceFigure } from './figures/lp.js';
import { ladderFigure, pathFigure, rejectionFigure, tripsFigure } from './figures/ladder.js';
import { classFigure, essFigure, flipFigure, rhatFigure } from './figures/mixing.js';
import { differenceFigure, meanFigure, uncertaintyFigure } from './figures/pictures.js';
import {
  calibrationFigure,
  certaintyFigures,
  classAccuracyFigure,
  confidenceFigure,
} from './figures/predictions.js';
import type { Estimated } from './grouped-predictive.js';
import { escaped, section } from './html.js';
import { chainColours, STYLE } from './style.js';
import type { WarmupPoint } from './warmup-traces.js';

export interface ReportParts {
  readonly facts: RunFacts;
  readonly analysis: Analysis;
  /** The warm-up, where the run keeps it. */
  readonly warmup?: readonly WarmupPoint[];
  /** Why there are no predictions, where there are none. */
  readonly missingTest?: string;
}

/** Nothing may be fetched: the browser itself sees to it. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

const number = (value: number): string => value.toLocaleString('en-US');

interface Tile {
  readonly value: string;
  /** Beside the value, smaller. */
  readonly aside?: string;
  readonly label: string;
  readonly isPoor?: boolean;
}

function tile({ value, aside, label, isPoor }: Tile): string {
  const beside = aside ? ` <small>${escaped(aside)}</small>` : '';
  return `<div class="tile${isPoor ? ' poor' : ''}"><b>${escaped(value)}${beside}</b><span>${escaped(label)}</span></div>`;
}

const whole = (value: number): string => (Number.isNaN(value) ? '–' : number(Math.round(value)));

function estimated({ value, error }: Estimated, scale: number, unit: string, label: string): Tile {
  const decimals = unit ? 2 : 4;
  const beside = Number.isNaN(error) ? unit : `± ${(scale * error).toFixed(decimals)}${unit}`;
  return { value: (scale * value).toFixed(decimals), aside: beside, label };
}

function tiles({ analysis, facts }: ReportParts): string {
  const { lp, chains, draws, weights, classes, predictions } = analysis;
  const sweeps = chains * draws * facts.manifest.settings.thin;
  const { rhat, ess } = USUAL_LIMITS;
  const perSweep = lp.essBulk / sweeps;
  const shown: Tile[] = [
    {
      value: Number.isNaN(lp.rhat) ? '–' : lp.rhat.toFixed(3),
      label: 'R-hat of lp',
      isPoor: chains > 1 && !(lp.rhat <= rhat),
    },
    {
      value: whole(lp.essBulk),
      label: `effective size of lp${Number.isNaN(perSweep) ? '' : `: ${perSweep.toPrecision(2)} a sweep`}`,
      isPoor: !(lp.essBulk >= ess),
    },
    { value: number(classes.mixed), aside: `of ${number(weights.length)}`, label: 'weights mixed' },
    { value: number(classes.disagreed), label: 'weights frozen apart', isPoor: classes.disagreed > 0 },
    ...(predictions
      ? [
          estimated(predictions.accuracy, 100, ' %', 'test accuracy'),
          estimated(predictions.logScore, 1, '', 'log score, nat a test row'),
        ]
      : []),
  ];
  return `<div class="tiles">${shown.map(tile).join('')}</div>`;
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
}

function notices({ analysis, missingTest }: ReportParts): string {
  const { warnings, remarks } = analysis;
  const notes = [...remarks, ...(missingTest ? [missingTest] : [])];
  const verdict = warnings.length
    ? `<div class="notice warn"><b>Not to be trusted yet</b>${list(warnings)}</div>`
    : '<div class="notice"><b>No warning.</b> That is not a proof: modes that no chain has found stay unseen.</div>';
  return verdict + (notes.length ? `<div class="notice"><b>Notes</b>${list(notes)}</div>` : '');
}

function sections({ analysis, facts, warmup = [] }: ReportParts): string[] {
  const { classNames } = facts.manifest.settings;
  const { predictions, model } = analysis;
  return [
    section('Log posterior', [
      traceFigure(analysis, warmup),
      rankFigure(analysis),
      ...(analysis.lpAutocorrelations.length ? [autocorrelationFigure(analysis)] : []),
    ]),
    section('How well it mixed', [
      classFigure(analysis),
      ...rhatFigure(analysis),
      ...essFigure(analysis),
      flipFigure(analysis),
    ]),
    ...(analysis.ladder
      ? [
          section('Tempering', [
            rejectionFigure(analysis.ladder),
            ladderFigure(analysis.ladder),
            tripsFigure(analysis.ladder),
            pathFigure(analysis.ladder),
          ]),
        ]
      : []),
    section('Weights', [
      meanFigure(analysis, classNames),
      uncertaintyFigure(analysis, classNames),
      ...(analysis.chains > 1 ? [differenceFigure(analysis, classNames)] : []),
    ]),
    ...(predictions
      ? [
          section('Predictions', [
            calibrationFigure(predictions),
            confidenceFigure(predictions),
            classAccuracyFigure(predictions, classNames),
            ...certaintyFigures(predictions, model.grid, classNames),
          ]),
        ]
      : []),
    section('The run', factTables(facts)),
  ];
}

const titleOf = ({ facts, analysis }: ReportParts): string =>
  `${facts.manifest.data}: ${analysis.chains} chains of ${number(analysis.draws)} draws`;

/** HTML of all there is to see. */
export function reportBody(parts: ReportParts): string {
  const { facts } = parts;
  const { settings } = facts.manifest;
  const lead =
    `${number(settings.images)} rows, ${number(settings.features)} features, ${settings.classes} classes; ` +
    `${facts.status}, seed ${settings.seed}`;
  return `<h1>${escaped(titleOf(parts))}</h1>
<p class="lead">${escaped(lead)}</p>
${notices(parts)}
${tiles(parts)}
${sections(parts).join('\n')}
<footer>bitgibbs ${escaped(facts.version)}</footer>
`;
}

/** HTML of the whole page. */
export function reportPage(parts: ReportParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(titleOf(parts))}</title>
<style>${STYLE}${chainColours()}</style>
</head>
<body>
<main>
${reportBody(parts)}</main>
</body>
</html>
`;
}
