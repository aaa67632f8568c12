/** Packed rows from arrays: features N x D or N x rows x columns, labels N. */
import { MAX_CLASSES } from '../posterior/grid.js';
import { type FeatureGrid, InputError } from '../posterior/model.js';
import { packRows, type Rows } from '../posterior/rows.js';
import type { NumberArray } from './number-array.js';
import type { TableRules } from './table.js';

export interface ArrayRows {
  readonly rows: Rows;
  /** Where each row is a picture. */
  readonly grid?: FeatureGrid;
}

/** Names for error messages. */
export interface ArrayNames {
  readonly features: string;
  readonly labels: string;
}

/** A byte a value, 0 or 1. @throws InputError naming row and feature */
export function litOf(
  { sizes, values }: NumberArray,
  name: string,
  { threshold }: Pick<TableRules, 'threshold'>,
): Uint8Array {
  const features = values.length / (sizes[0] ?? 1);
  const lit = new Uint8Array(values.length);
  for (let i = 0; i < lit.length; i++) {
    const value = values[i]!;
    const at = (): string => `${name}: row ${Math.floor(i / features) + 1}, feature ${(i % features) + 1} is ${value}`;
    if (!Number.isFinite(value)) throw new InputError(`${at()}, must be a number`);
    if (threshold !== undefined) lit[i] = value > threshold ? 1 : 0;
    else if (value === 0 || value === 1) lit[i] = value;
    else throw new InputError(`${at()}, must be 0 or 1 (or give a threshold above which it is 1)`);
  }
  return lit;
}

function labelsOf({ sizes, values }: NumberArray, name: string, count: number, { classes }: TableRules): Uint8Array {
  if (sizes.length !== 1) throw new InputError(`${name}: labels must have one dimension, got ${sizes.length}`);
  if (values.length !== count)
    throw new InputError(`${name}: has ${values.length} labels, must have ${count}, one a row of features`);
  const most = (classes ?? MAX_CLASSES) - 1;
  return Uint8Array.from(values, (label, n) => {
    if (Number.isInteger(label) && label >= 0 && label <= most) return label;
    throw new InputError(`${name}: row ${n + 1} is ${label}, must be a label: a whole number from 0 to ${most}`);
  });
}

interface Shape {
  /** N */
  readonly count: number;
  /** D */
  readonly each: number;
  /** Where each row is a picture. */
  readonly grid?: FeatureGrid;
}

/** What the dimensions of an array of features mean. @throws InputError when there are other than 2 or 3, or no rows */
export function shapeOf({ sizes, values }: NumberArray, name: string): Shape {
  const [count = 0, height = 0, width] = sizes;
  if (sizes.length !== 2 && sizes.length !== 3) {
    throw new InputError(
      `${name}: features must have 2 dimensions (rows, features) or 3 (rows, height, width), got ${sizes.length}`,
    );
  }
  if (values.length === 0) throw new InputError(`${name}: holds no rows`);
  const each = values.length / count;
  return width === undefined ? { count, each } : { count, each, grid: { rows: height, columns: width } };
}

/** @throws InputError naming array, row and feature */
export function rowsOfArrays(
  features: NumberArray,
  labels: NumberArray,
  names: ArrayNames,
  rules: TableRules,
): ArrayRows {
  const { count, each, grid } = shapeOf(features, names.features);
  if (rules.features !== undefined && each !== rules.features)
    throw new InputError(`${names.features}: has ${each} features, must have ${rules.features} like the training rows`);
  const rows = packRows(litOf(features, names.features, rules), each, labelsOf(labels, names.labels, count, rules));
  return grid ? { rows, grid } : { rows };
}
