/** Labelled rows from files of any kind that is read: CSV tables, NPY and IDX arrays, NPZ archives. */
import { InputError } from '../posterior/model.js';
import { isArrayFile, isNpz, readArray, readNpz } from './array-file.js';
import { type ArrayRows, rowsOfArrays } from './array-rows.js';
import type { Rows } from '../posterior/rows.js';
import type { NumberArray } from './number-array.js';
import { shown } from './shown.js';
import { readTable, type Table, type TableFiles, type TableRules } from './table.js';

/** Rows, and the picture or the names of classes that their files tell of. */
export type FileRows = ArrayRows & Table;

/** Which rows of an archive that holds both. */
export type Part = 'train' | 'test';

/** Names of an archive's arrays, the first of them that are there; those of x, with y for x are the labels'. */
const FEATURE_NAMES: Readonly<Record<Part, readonly string[]>> = {
  train: ['x', 'X', 'x_train', 'X_train'],
  test: ['x_test', 'X_test'],
};

function namedArrays(path: string, part: Part): { x: NumberArray; y: NumberArray; names: [string, string] } | undefined {
  const arrays = readNpz(path);
  const name = FEATURE_NAMES[part].find((known) => arrays.has(known));
  if (name === undefined) {
    if (part === 'test') return undefined;
    const there = [...arrays.keys()].map(shown).join(', ') || 'nothing';
    throw new InputError(`${path}: must hold arrays x and y, or x_train and y_train, holds ${there}`);
  }
  const label = name.replace(/^x/i, 'y');
  const y = arrays.get(label);
  if (!y) throw new InputError(`${path}: holds ${name}, must hold its labels ${label} too`);
  return { x: arrays.get(name)!, y, names: [`${path}: ${name}`, `${path}: ${label}`] };
}

function readArchive(path: string, part: Part, rules: TableRules): ArrayRows | undefined {
  const found = namedArrays(path, part);
  if (!found) return undefined;
  const [features, labels] = found.names;
  return rowsOfArrays(found.x, found.y, { features, labels }, rules);
}

/** Held-out rows that an archive of training rows brings along. @throws InputError */
export function testOfArchive(files: TableFiles, rules: TableRules): Rows | undefined {
  return 'table' in files && isNpz(files.table) ? readArchive(files.table, 'test', rules)?.rows : undefined;
}

function checkNoWeights(path: string, { weightsColumn }: TableRules): void {
  if (weightsColumn !== undefined)
    throw new InputError(`${path}: is no CSV file, only those have a weights column`);
}

/** @throws InputError naming the file, and the row and column where one is wrong */
export async function readFiles(files: TableFiles, rules: TableRules = {}, part: Part = 'train'): Promise<FileRows> {
  if ('table' in files) {
    const { table } = files;
    if (isArrayFile(table)) throw new InputError(`${table}: holds one array, give --features and --labels`);
    if (!isNpz(table)) return readTable(files, rules);
    checkNoWeights(table, rules);
    return readArchive(table, part, rules) ?? readArchive(table, 'train', rules)!;
  }
  const { features, labels } = files;
  if (isArrayFile(features) !== isArrayFile(labels)) {
    throw new InputError(`${features} and ${labels} must both be CSV files or both arrays (NPY, IDX)`);
  }
  if (!isArrayFile(features)) return readTable(files, rules);
  checkNoWeights(features, rules);
  return rowsOfArrays(readArray(features), readArray(labels), files, rules);
}
