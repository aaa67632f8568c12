/** `bitgibbs predict`: class probabilities of new rows under the draws of a run, with their Monte Carlo errors. */
import { stringify } from 'csv-stringify/sync';
import { readFeatures } from '../../data/feature-rows.js';
import { KNOWN_DATA, loadDataSet } from '../../data/load.js';
import { InputError } from '../../posterior/model.js';
import type { Rows } from '../../posterior/rows.js';
import { GroupedPredictive } from '../../report/grouped-predictive.js';
import type { RunManifest } from '../../store/manifest.js';
import { openRun, type RunReader } from '../../store/read-run.js';
import { checking } from '../errors.js';
import type { PredictFlags } from '../flags/results.js';
import { saveFile } from '../save-file.js';
import { grouped } from '../text-table.js';

interface Prediction {
  /** Class probabilities, n K + k, and their Monte Carlo standard errors. */
  readonly probabilities: Float64Array;
  readonly errors: Float64Array;
  /** Draws averaged over, of all chains. */
  readonly draws: number;
}

/** The rows that a command line names. @throws InputError when they don't fit the run */
async function newRows(name: string, { settings }: RunManifest, flags: PredictFlags): Promise<Rows> {
  const { features } = settings;
  const { weightsColumn } = flags;
  const threshold = flags.threshold ?? settings.threshold ?? undefined;
  const known = KNOWN_DATA.find((source) => source === name);
  if (!known) return readFeatures(name, { features, threshold, weightsColumn });
  const { test } = await loadDataSet({ source: known, threshold });
  if (test!.features === features) return test!;
  throw new InputError(`${name}: has ${test!.features} features, must have ${features} like the run`);
}

/** @throws InputError when there are no draws */
async function predictRows(reader: RunReader, rows: Rows, mostDraws: number): Promise<Prediction> {
  const { classes, chains } = reader.manifest.settings;
  const { horizon } = reader;
  if (horizon === 0)
    throw new InputError('the run has no draws yet: it is warming up, or was stopped before the first');
  const predictive = new GroupedPredictive(rows, classes, chains);
  const every = Math.ceil((horizon * chains) / mostDraws);
  for await (const { chain, draw, w } of reader.read(0, horizon)) {
    if (draw % every === 0) predictive.add(chain, draw / every, w);
  }
  const { probabilities, draws } = predictive.predictions()!;
  return { probabilities, errors: predictive.errors(), draws };
}

/** A number in so many digits; nothing where there is none. */
function cell(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(digits)));
}

/** Ties go to the lower class. */
function mostProbable(probabilities: Float64Array): number {
  return probabilities.reduce((best, p, k) => (p > probabilities[best]! ? k : best), 0);
}

function csvText({ probabilities, errors }: Prediction, rows: Rows, classNames: readonly string[]): string {
  const head = [
    ...['row', 'predicted'],
    ...classNames.map((name) => `p_${name}`),
    ...classNames.map((name) => `mcse_${name}`),
  ];
  const lines = Array.from({ length: rows.count }, (_, n) => {
    const [from, to] = [n * classNames.length, (n + 1) * classNames.length];
    const own = probabilities.subarray(from, to);
    const figures = [
      ...Array.from(own, (p) => cell(p, 6)),
      ...Array.from(errors.subarray(from, to), (error) => cell(error, 3)),
    ];
    return [String(n + 1), classNames[mostProbable(own)]!, ...figures];
  });
  return stringify([head, ...lines]);
}

/** @throws UsageError for data that can't be used, InputError for a run that can't, RunError for the file of --out */
export async function predict(folder: string, data: string, flags: PredictFlags): Promise<void> {
  const reader = await openRun(folder);
  const { manifest } = reader;
  const rows = await checking(() => newRows(data, manifest, flags));
  const prediction = await predictRows(reader, rows, flags.draws);
  const text = csvText(prediction, rows, manifest.settings.classNames);
  const told = `${grouped(rows.count)} rows, averaged over ${grouped(prediction.draws)} draws`;
  if (flags.out === undefined) {
    process.stdout.write(text);
    process.stderr.write(`${told}\n`);
  } else {
    await saveFile(flags.out, text, flags.force ?? false);
    process.stdout.write(`${flags.out}: ${told}\n`);
  }
}
