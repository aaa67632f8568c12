/** Rows to predict: features whose labels nobody knows, or nobody asks for. */
import { InputError } from '../posterior/model.js';
import { packRows, type Rows } from '../posterior/rows.js';
import { isArrayFile, isNpz, readArray, readNpz } from './array-file.js';
import { litOf, shapeOf } from './array-rows.js';
import { openCsv } from './csv.js';
import type { NumberArray } from './number-array.js';
import { shown } from './shown.js';
import { RowsBuilder } from './table.js';

export interface FeatureRules {
  /** D of the model. */
  readonly features: number;
  /** A value above this is a 1; without it only 0 and 1 are allowed. */
  readonly threshold?: number;
  /** Name or number of a column of row weights in CSV files, which predictions don't need. */
  readonly weightsColumn?: string;
}

/** Names of an archive's features; the first of them that is there is taken. */
const ARCHIVE_NAMES = ['x_test', 'X_test', 'x', 'X', 'x_train', 'X_train'];

async function fromCsv(path: string, rules: FeatureRules): Promise<Rows> {
  const { features, threshold, weightsColumn } = rules;
  const wanted = weightsColumn === undefined ? features : features + 1;
  const file = await openCsv(path);
  let builder: RowsBuilder | undefined;
  for await (const record of file.records) {
    const columns = record.cells.length;
    if (columns !== wanted && columns !== wanted + 1) {
      throw new InputError(
        `${path}: has ${columns} columns, must have ${wanted} like the features of the run${wanted > features ? ' and the weights' : ''}, or one more: a label, which is not read`,
      );
    }
    builder ??= new RowsBuilder(file, wanted, { threshold, weightsColumn });
    builder.addFeatures(record);
  }
  if (!builder) throw new InputError(`${path}: holds no rows`);
  return builder.rows();
}

function fromArray(array: NumberArray, name: string, rules: FeatureRules): Rows {
  const { count, each } = shapeOf(array, name);
  if (each !== rules.features)
    throw new InputError(`${name}: has ${each} features, must have ${rules.features} like the run`);
  return packRows(litOf(array, name, rules), each, new Uint8Array(count));
}

function fromArchive(path: string, rules: FeatureRules): Rows {
  const arrays = readNpz(path);
  const name = ARCHIVE_NAMES.find((known) => arrays.has(known));
  if (name !== undefined) return fromArray(arrays.get(name)!, `${path}: ${name}`, rules);
  const there = [...arrays.keys()].map(shown).join(', ') || 'nothing';
  throw new InputError(`${path}: must hold an array x, x_test or x_train, holds ${there}`);
}

/**
 * Reads rows of features from a CSV file (a label in one more column is not read), an NPY or IDX array, or an NPZ archive.
 * @returns rows whose labels are all 0
 * @throws InputError naming the file, and the row and column where one is wrong
 */
export async function readFeatures(path: string, rules: FeatureRules): Promise<Rows> {
  if (isNpz(path)) return fromArchive(path, rules);
  return isArrayFile(path) ? fromArray(readArray(path), path, rules) : fromCsv(path, rules);
}
