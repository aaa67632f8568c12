/** What `bitgibbs summary` says: the usual table, classes of weights, predictions, warnings; as text and as JSON. */
import type { Estimate } from '../diagnostics/scalar.js';
import { USUAL_LIMITS, WEIGHT_CLASSES } from '../diagnostics/weight-class.js';
import { firstFreeClass, InputError, type Model } from '../posterior/model.js';
import type { RunManifest } from '../store/manifest.js';
import type { Estimated, RunSummary, WeightSummary } from '../wire/codec/summary.js';
import { ladderJson, ladderText } from './ladder-text.js';
import { grouped, percent, textTable } from './text-table.js';

/** Weights by feature and class name, or those that mixed worst. */
export type WeightChoice = readonly { readonly feature: number; readonly className: string }[] | 'worst';

/** Of its settings, what is told. */
export type SummedRun = Pick<RunManifest, 'data' | 'draws' | 'runId'> & {
  readonly settings: Pick<RunManifest['settings'], 'chains' | 'thin' | 'seed' | 'classNames'> & {
    readonly warmupBetasQ: { readonly length: number };
  };
};

export interface PosteriorSummary {
  /** The run's folder, or the address of its coordinator. */
  readonly folder: string;
  readonly manifest: SummedRun;
  readonly status: string;
  /** Why the run ended, where a rule decided. */
  readonly reason: string | undefined;
  readonly analysis: RunSummary;
  /** Why there are no predictions, where there are none. */
  readonly missingTest?: string;
}

const WORST = 5;
const COLUMNS = ['mean', 'sd', 'mcse_mean', 'mcse_sd', 'ess_bulk', 'ess_tail', 'r_hat'] as const;

/** The weights that get a row. @throws InputError naming what can be chosen */
export function wantedWeights(
  choice: WeightChoice,
  classNames: readonly string[],
  model: Pick<Model, 'features' | 'pinned'>,
): { weights: { feature: number; class: number }[]; worst: number } {
  if (choice === 'worst') return { weights: [], worst: WORST };
  const weights = choice.map(({ feature, className }) => {
    const k = classNames.indexOf(className);
    if (k >= firstFreeClass(model) && feature < model.features) return { feature, class: k };
    throw new InputError(
      `there is no free weight ${feature}:${className} (classes are ${classNames.join(', ')})`,
    );
  });
  return { weights, worst: 0 };
}

/** Lag at which lp's autocorrelation is told, in draws; the report and --json have all of them. */
const LAGS = [1, 5, 20];

/** How much a sweep and a second give, and how slowly lp forgets. */
function ratesText({ essPerSweep, essPerSecond, lpAutocorrelations }: RunSummary): string {
  const perSecond = essPerSecond === undefined ? '' : `, ${essPerSecond.toPrecision(3)} a second`;
  const lags = LAGS.filter((lag) => lag < lpAutocorrelations.length);
  const values = lags.map((lag) => `${lpAutocorrelations[lag]!.toFixed(2)} at ${lag}`);
  return (
    `lp:      effective draws ${essPerSweep.toPrecision(3)} a sweep${perSecond}` +
    (values.length ? `; autocorrelation ${values.join(', ')} draws` : '')
  );
}

function nameOf({ feature, class: k }: WeightSummary, classNames: readonly string[]): string {
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
function weightCells(weight: WeightSummary): string[] {
  const isFrozen = weight.flips === 0;
  const figures = cells(weight);
  return [
    ...(isFrozen ? [...figures.slice(0, 2), ...COLUMNS.slice(2).map(() => '-')] : figures),
    weight.kind,
  ];
}

function tableOf({ analysis, manifest }: PosteriorSummary): string {
  const { classNames } = manifest.settings;
  const rows = analysis.weights.map((weight) => [nameOf(weight, classNames), ...weightCells(weight)]);
  return textTable([
    ['', ...COLUMNS, ...(rows.length ? ['class'] : [])],
    ['lp', ...cells(analysis.lp)],
    ...rows,
  ]);
}

function classesText({ counts: classes }: RunSummary): string {
  const all = WEIGHT_CLASSES.reduce((sum, name) => sum + classes[name], 0);
  const parts = WEIGHT_CLASSES.map((name) => `${grouped(classes[name])} ${name}`);
  return `weights: ${parts.join(', ')} of ${grouped(all)}`;
}

function testText({ test: predictions }: RunSummary, missing: string | undefined): string {
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
    ...(Number.isNaN(analysis.lp.essBulk) ? [] : [ratesText(analysis)]),
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

function weightJson(weight: WeightSummary): object {
  const { mean, sd, kind, flips } = weight;
  if (flips > 0) return { ...figuresJson(weight), class: kind, flips };
  const none = COLUMNS.slice(2).map((name) => [name, null] as const);
  return { mean, sd, ...Object.fromEntries(none), class: kind, flips };
}

/** One object on one line; figures that are not to be had are null. */
export function posteriorJson(summary: PosteriorSummary): string {
  const { analysis, manifest, status, reason, missingTest } = summary;
  const { test: predictions, lp, counts, draws, ladder, warnings, remarks } = analysis;
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
      ...analysis.weights.map((weight) => [nameOf(weight, classNames), weightJson(weight)]),
    ]),
    weights: counts,
    ...(ladder ? { ladder: ladderJson(ladder) } : {}),
    lp_ess_per_sweep: analysis.essPerSweep,
    lp_ess_per_second: analysis.essPerSecond ?? null,
    lp_autocorrelation: analysis.lpAutocorrelations,
    test: test ?? null,
    ...(missingTest ? { test_missing: missingTest } : {}),
    warnings,
    remarks,
  })}\n`;
}
