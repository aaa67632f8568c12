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
import { checkChosenClasses, takeClasses, takeFirst } from './subset.js';
import { readFiles, testOfArchive } from './files.js';
import { readTable, type TableFiles } from './table.js';

/** Data sets that come with the package. */
export const KNOWN_DATA = ['mnist', 'mnist5x5', 'mnist56'] as const;
export type KnownData = (typeof KNOWN_DATA)[number];

export interface DataRequest {
  readonly source: KnownData | TableFiles;
  /** Held-out rows; only beside files, the known data bring their own. */
  readonly test?: TableFiles;
  /** Only the first so many training rows (of the chosen classes). */
  readonly images?: number;
  /** Only these labels, renumbered in this order. */
  readonly chosenClasses?: readonly number[];
  /** K, where it is to be more than the data show. */
  readonly classCount?: number;
  readonly threshold?: number;
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
  return { name: 'mnist56', train, test, classNames: ['5', '6'], grid: { rows: 5, columns: 5 } };
}

function stem(files: TableFiles): string {
  return basename('table' in files ? files.table : files.features).replace(/(\.csv|\.np[yz]|\.idx)?(\.gz)?$/i, '');
}

async function loadFiles(source: TableFiles, request: DataRequest): Promise<Raw> {
  const { threshold } = request;
  const known = request.chosenClasses ? undefined : request.classCount;
  const { rows: train, grid } = await readFiles(source, { threshold, classes: known });
  const classes = Math.max(MIN_CLASSES, 1 + train.labels.reduce((a, b) => Math.max(a, b), 0));
  const { features } = train;
  const rules = { threshold, features, classes: known ?? classes };
  const test = request.test
    ? (await readFiles(request.test, rules, 'test')).rows
    : testOfArchive(source, rules);
  return {
    name: stem(source),
    train,
    test,
    classNames: numberNames(classes),
    grid: request.grid ?? grid ?? { rows: 1, columns: features },
    threshold,
  };
}

function readRaw(request: DataRequest): Raw | Promise<Raw> {
  if (typeof request.source === 'object') return loadFiles(request.source, request);
  const known = request.source;
  if (request.test) throw new InputError(`test: ${known} brings its own test rows, leave the test files away`);
  if (request.grid) throw new InputError(`grid: the features of ${known} have their grid, leave the grid away`);
  if (known === 'mnist') return loadMnist(request);
  return known === 'mnist5x5' ? loadMnist5x5(request) : loadMnist56(request);
}

function choose(raw: Raw, chosen: readonly number[]): Raw {
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

/** Reads, chooses and checks. @throws InputError in one line that names what is wrong */
export async function loadDataSet(request: DataRequest): Promise<DataSet> {
  const all = await readRaw(request);
  const raw = request.chosenClasses ? choose(all, request.chosenClasses) : all;
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
  });
}
