/** From a description of the data to a checked data set. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_CLASSES, MIN_CLASSES } from '../posterior/grid.js';
import { type FeatureGrid, InputError } from '../posterior/model.js';
import type { Rows } from '../posterior/rows.js';
import { type DataSet, makeDataSet } from './data-set.js';
import {
  DEFAULT_THRESHOLD,
  MNIST_CLASSES,
  MNIST_SIDE,
  readMnist,
  readMnist5x5,
  SMALL_SIDE,
} from './mnist.js';
import { type Split, splitRows } from './split.js';
import { checkChosenClasses, takeClasses, takeFirst } from './subset.js';
import { readFiles, testOfArchive } from './files.js';
import { readTable, type TableFiles } from './table.js';

/** Data sets that come with the package. */
export const KNOWN_DATA = ['mnist', 'mnist5x5', 'mnist56'] as const;
export type KnownData = (typeof KNOWN_DATA)[number];

export interface DataRequest {
  readonly source: KnownData | TableFiles;
  /** Held-out rows: files, or a share of the rows; in place of those that the data bring. */
  readonly test?: TableFiles | Split;
  /** Only the first so many training rows (of the chosen classes). */
  readonly images?: number;
  /** Only these labels (numbers, or names where labels are names), renumbered in this order. */
  readonly chosenClasses?: readonly (number | string)[];
  /** K, where it is to be more than the data show. */
  readonly classCount?: number;
  readonly threshold?: number;
  /** Name or number (from 1) of the column of row weights in CSV files with features. */
  readonly weightsColumn?: string;
  /** The picture that the features form; a plain row of features otherwise. */
  readonly grid?: FeatureGrid;
}

interface Raw {
  readonly name: string;
  readonly train: Rows;
  readonly test?: Rows;
  readonly classNames: readonly string[];
  readonly grid: FeatureGrid;
  readonly threshold?: number;
}

const numberNames = (count: number): string[] => Array.from({ length: count }, (_, k) => String(k));

function loadMnist(request: DataRequest): Raw {
  const threshold = request.threshold ?? DEFAULT_THRESHOLD;
  const grid = { rows: MNIST_SIDE, columns: MNIST_SIDE };
  return { name: 'mnist', ...readMnist(threshold), classNames: numberNames(MNIST_CLASSES), grid, threshold };
}

function loadMnist5x5(request: DataRequest): Raw {
  const threshold = request.threshold ?? DEFAULT_THRESHOLD;
  const grid = { rows: SMALL_SIDE, columns: SMALL_SIDE };
  return { name: 'mnist5x5', ...readMnist5x5(threshold), classNames: numberNames(MNIST_CLASSES), grid, threshold };
}

async function loadMnist56(request: DataRequest): Promise<Raw> {
  if (request.threshold !== undefined) throw new InputError('threshold: mnist56 is binary, leave the threshold away');
  const file = (part: string): TableFiles => ({
    table: fileURLToPath(new URL(`../../../data/mnist56/${part}.csv`, import.meta.url)),
  });
  const [train, test] = await Promise.all([readTable(file('train')), readTable(file('test'))]);
  return { name: 'mnist56', train: train.rows, test: test.rows, classNames: ['5', '6'], grid: { rows: 5, columns: 5 } };
}

function stem(files: TableFiles): string {
  return basename('table' in files ? files.table : files.features).replace(/(\.csv|\.np[yz]|\.idx)?(\.gz)?$/i, '');
}

async function loadFiles(source: TableFiles, request: DataRequest): Promise<Raw> {
  const { threshold, weightsColumn } = request;
  const known = request.chosenClasses ? undefined : request.classCount;
  const { rows: train, grid, classNames } = await readFiles(source, { threshold, weightsColumn, classes: known });
  const classes = classNames?.length ?? Math.max(MIN_CLASSES, 1 + train.labels.reduce((a, b) => Math.max(a, b), 0));
  const { features } = train;
  return {
    name: stem(source),
    train,
    test: testOfArchive(source, { threshold, features, classes: known ?? classes }),
    classNames: classNames ?? numberNames(classes),
    grid: request.grid ?? grid ?? { rows: 1, columns: features },
    threshold,
  };
}

function readRaw(request: DataRequest): Raw | Promise<Raw> {
  if (typeof request.source === 'object') return loadFiles(request.source, request);
  const known = request.source;
  if (request.weightsColumn !== undefined) {
    throw new InputError(`weights column: the rows of ${known} have no weights, leave the weights column away`);
  }
  if (request.grid) throw new InputError(`grid: the features of ${known} have their grid, leave the grid away`);
  if (known === 'mnist') return loadMnist(request);
  return known === 'mnist5x5' ? loadMnist5x5(request) : loadMnist56(request);
}

/** Test rows from files in place of the data's own. */
async function withTestFiles(
  raw: Raw,
  files: TableFiles,
  { classCount, weightsColumn }: DataRequest,
): Promise<Raw> {
  const { threshold, classNames } = raw;
  const classes = Math.max(classCount ?? 0, classNames.length);
  const rules = { threshold, classNames, classes, weightsColumn, features: raw.train.features };
  return { ...raw, test: (await readFiles(files, rules, 'test')).rows };
}

function classNumber(chosen: number | string, { classNames, name }: Raw): number {
  if (typeof chosen === 'number') return chosen;
  const found = classNames.indexOf(chosen);
  if (found >= 0) return found;
  throw new InputError(`classes: ${chosen} is no class of ${name}: there are ${classNames.join(', ')}`);
}

function choose(raw: Raw, classes: readonly (number | string)[]): Raw {
  const chosen = classes.map((one) => classNumber(one, raw));
  checkChosenClasses(chosen, raw.classNames.length, raw.name);
  const test = raw.test && takeClasses(raw.test, chosen);
  return {
    ...raw,
    train: takeClasses(raw.train, chosen),
    test: test?.count ? test : undefined,
    classNames: chosen.map((label) => raw.classNames[label]!),
  };
}

function namesFor(raw: Raw, classCount: number | undefined): readonly string[] {
  const shown = raw.classNames;
  if (classCount === undefined) return shown;
  if (!Number.isInteger(classCount) || classCount < shown.length || classCount > MAX_CLASSES) {
    throw new InputError(
      `class count must be a whole number from ${shown.length} (the classes of ${raw.name}) to ${MAX_CLASSES}, got ${classCount}`,
    );
  }
  return [...shown, ...Array.from({ length: classCount - shown.length }, (_, i) => `empty ${i + 1}`)];
}

async function chosenRows(request: DataRequest): Promise<Raw> {
  const { test, chosenClasses } = request;
  const read = await readRaw(request);
  const all = test && !('share' in test) ? await withTestFiles(read, test, request) : read;
  const raw = chosenClasses ? choose(all, chosenClasses) : all;
  return test && 'share' in test ? { ...raw, ...splitRows(raw.train, test) } : raw;
}

/** Reads, chooses and checks. @throws InputError in one line that names what is wrong */
export async function loadDataSet(request: DataRequest): Promise<DataSet> {
  const raw = await chosenRows(request);
  if (raw.train.count === 0) throw new InputError(`classes: ${raw.name} has no rows of the chosen classes`);
  const { features } = raw.train;
  if (raw.grid.rows * raw.grid.columns !== features) {
    throw new InputError(`grid ${raw.grid.rows}x${raw.grid.columns} must hold the ${features} features of ${raw.name}`);
  }
  const classNames = namesFor(raw, request.classCount);
  return makeDataSet({
    name: raw.name,
    rows: request.images === undefined ? raw.train : takeFirst(raw.train, request.images, raw.name),
    test: raw.test,
    classes: classNames.length,
    classNames,
    grid: raw.grid,
    threshold: raw.threshold,
    testIsOwn: raw.test !== undefined && (request.test !== undefined || typeof request.source === 'object'),
  });
}
