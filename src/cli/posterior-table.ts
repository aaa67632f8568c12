/** What `bitgibbs summary` says: the usual table, classes of weights, predictions, warnings; as text and as JSON. */
import type { Estimate } from '../diagnostics/scalar.js';
import { USUAL_LIMITS, WEIGHT_CLASSES } from '../diagnostics/weight-class.js';
import { InputError } from '../posterior/model.js';
import type { Analysis, WeightFigures } from '../report/analysis.js';
import type { Estimated } from '../report/grouped-predictive.js';
import type { RunManifest } from '../store/manifest.js';
import { ladderJson, ladderText } from './ladder-text.js';
import { grouped, percent, textTable } from './text-table.js';

/** Weights by feature and class name, or those that mixed worst. */
export type WeightChoice = readonly { readonly feature: number; readonly className: string }[] | 'worst';

export interface PosteriorSummary {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly status: string;
  /** Why the run ended, where a rule decided. */
  readonly reason: string | undefined;
  readonly analysis: Analysis;
  /** Those to have a row. */
  readonly chosen: readonly WeightFigures[];
  /** Why there are no predictions, where there are none. */
  readonly missingTest?: string;
}

const WORST = 5;
const COLUMNS = ['mean', 'sd', 'mcse_mean', 'mcse_sd', 'ess_bulk', 'ess_tail', 'r_hat'] as const;

/** The weights that get a row. @throws InputError naming what can be chosen */
export function chooseWeights(
  { weights }: Analysis,
  choice: WeightChoice,
  classNames: readonly string[],
): WeightFigures[] {
  if (choice === 'worst') {
    const moving = weights.filter(({ flips }) => flips > 0);
    return moving.sort((a, b) => (b.rhat || 0) - (a.rhat || 0)).slice(0, WORST);
  }
  return choice.map(({ feature, className }) => {
    const found = weights.find((one) => one.feature === feature && classNames[one.class] === className);
    if (found) return found;
    throw new InputError(
      `there is no free weight ${feature}:${className} (classes are ${classNames.join(', ')})`,
    );
  });
}

function nameOf({ feature, class: k }: WeightFigures, classNames: readonly string[]): string {
  return `w[${feature}, ${classNames[k]}]`;
}

function cells({ mean, sd, mcseMean, mcseSd, essBulk, essTail, rhat }: Estimate): string[] {
  const fixed = (value: number, decimals: number): string =>
    Number.isNaN(value) ? '-' : value.toFixed(decimals);
  return [
    ...[mean, sd, mcseMean, mcseSd].map((value) => fixed(value, 3)),
    ...[essBulk, essTail].map((value) => fixed(value, 0)),
    fixed(rhat, 3),
  ];
}

/** A weight that never moved has a mean; an error, an effective size or an R-hat would be made up. */
function weightCells(weight: WeightFigures): string[] {
  const isFrozen = weight.flips === 0;
  const figures = cells(weight);
  return [
    ...(isFrozen ? [...figures.slice(0, 2), ...COLUMNS.slice(2).map(() => '-')] : figures),
    weight.kind,
  ];
}

function tableOf({ analysis, chosen, manifest }: PosteriorSummary): string {
  const { classNames } = manifest.settings;
  const rows = chosen.map((weight) => [nameOf(weight, classNames), ...weightCells(weight)]);
  return textTable([
    ['', ...COLUMNS, ...(rows.length ? ['class'] : [])],
    ['lp', ...cells(analysis.lp)],
    ...rows,
  ]);
}

function classesText({ classes, weights }: Analysis): string {
  const parts = WEIGHT_CLASSES.map((name) => `${grouped(classes[name])} ${name}`);
  return `weights: ${parts.join(', ')} of ${grouped(weights.length)}`;
}

function testText({ predictions }: Analysis, missing: string | undefined): string {
  if (!predictions) return `test:    ${missing ?? 'no test set'}`;
  const { accuracy, logScore, draws } = predictions;
  const error = (one: Estimated, scale: number, decimals: number): string =>
    Number.isNaN(one.error) ? '' : ` ± ${(scale * one.error).toFixed(decimals)}`;
  return (
    `test:    accuracy ${percent(accuracy.value)}${error(accuracy, 100, 2)}, ` +
    `log score ${logScore.value.toFixed(4)}${error(logScore, 1, 4)} nat a row ` +
    `(${grouped(draws)} draws; ± is the Monte Carlo error)`
  );
}

/** Several lines. */
export function posteriorText(summary: PosteriorSummary): string {
  const { analysis, manifest, folder, status, reason, missingTest } = summary;
  const { chains, thin, seed, warmupBetasQ } = manifest.settings;
  const lines = [
    `${manifest.data} in ${folder}: ${status}, ${grouped(analysis.draws)} of ${grouped(manifest.draws)} draws a chain, ` +
      `${chains} chains, thin ${thin}, ${grouped(warmupBetasQ.length)} warm-up sweeps, seed ${seed}`,
    '',
    tableOf(summary),
    '',
    ...(analysis.ladder ? [...ladderText(analysis.ladder), ''] : []),
    classesText(analysis),
    `         (mixed: R-hat at most ${USUAL_LIMITS.rhat} and effective size at least ${USUAL_LIMITS.ess}; ` +
      'agreed, disagreed: never changed in any chain)',
    testText(analysis, missingTest),
    ...(reason ? [`ended:   ${reason}`] : []),
    ...analysis.warnings.map((text) => `warning: ${text}`),
    ...analysis.remarks.map((text) => `note:    ${text}`),
    ...(analysis.warnings.length
      ? []
      : ['note:    no warning is not a proof: modes that no chain has found stay unseen']),
  ];
  return `${lines.join('\n')}\n`;
}

function figuresJson(figures: Estimate): object {
  const { mean, sd, mcseMean, mcseSd, essBulk, essTail, rhat } = figures;
  const values = [mean, sd, mcseMean, mcseSd, essBulk, essTail, rhat];
  return Object.fromEntries(COLUMNS.map((name, i) => [name, values[i]]));
}

function weightJson(weight: WeightFigures): object {
  const { mean, sd, kind, flips } = weight;
  if (flips > 0) return { ...figuresJson(weight), class: kind, flips };
  const none = COLUMNS.slice(2).map((name) => [name, null] as const);
  return { mean, sd, ...Object.fromEntries(none), class: kind, flips };
}

/** One object on one line; figures that are not to be had are null. */
export function posteriorJson(summary: PosteriorSummary): string {
  const { analysis, chosen, manifest, status, reason, missingTest } = summary;
  const { predictions, lp, classes, draws, ladder, warnings, remarks } = analysis;
  const { classNames, chains, thin, seed } = manifest.settings;
  const estimated = ({ value, error }: Estimated): object => ({ value, mcse: error });
  const test = predictions && {
    draws: predictions.draws,
    accuracy: estimated(predictions.accuracy),
    log_score: estimated(predictions.logScore),
  };
  return `${JSON.stringify({
    run: {
      id: manifest.runId,
      data: manifest.data,
      status,
      ended_because: reason ?? null,
      seed,
      chains,
      draws,
      thin,
    },
    table: Object.fromEntries([
      ['lp', figuresJson(lp)],
      ...chosen.map((weight) => [nameOf(weight, classNames), weightJson(weight)]),
    ]),
    weights: classes,
    ...(ladder ? { ladder: ladderJson(ladder) } : {}),
    test: test ?? null,
    ...(missingTest ? { test_missing: missingTest } : {}),
    warnings,
    remarks,
  })}\n`;
}
