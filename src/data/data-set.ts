/** A labelled data set, binary and packed: what a run is about. */
import { createHash } from 'node:crypto';
import type { FeatureGrid } from '../posterior/model.js';
import { mergeRows } from '../posterior/merged-rows.js';
import { checkRows, type Rows } from '../posterior/rows.js';

export interface DataSet {
  /** Short name for output folders and logs. */
  readonly name: string;
  /** Training rows, N x D. */
  readonly rows: Rows;
  /** The training rows as kernels walk them: repeated ones merged where that saves work. */
  readonly merged: Rows;
  /** Held-out rows with the same features and classes. */
  readonly test?: Rows;
  /** Whether the test rows are not those that the data set has under its name: a run must keep them. */
  readonly testIsOwn: boolean;
  /** K, from 2 to 32. */
  readonly classes: number;
  /** What each class was called before it was numbered, length K. */
  readonly classNames: readonly string[];
  readonly grid: FeatureGrid;
  /** A raw value above this is a 1; absent where the data were binary already. */
  readonly threshold?: number;
  /** SHA-256 (hex) of the training rows, see `rowsSha256`. */
  readonly sha256: string;
}

/** SHA-256 (hex) of the packed bits, then the labels (a byte each), then the weights (little-endian uint32 each). */
export function rowsSha256(rows: Rows): string {
  const weights = Buffer.alloc(4 * rows.count);
  rows.weights.forEach((weight, n) => weights.writeUInt32LE(weight, 4 * n));
  return createHash('sha256').update(rows.bits).update(rows.labels).update(weights).digest('hex');
}

/** Checks ranges, merges, adds the hash of the rows as they came. @throws InputError */
export function makeDataSet(parts: Omit<DataSet, 'sha256' | 'merged'>): DataSet {
  checkRows(parts.rows, parts.classes);
  if (parts.test) checkRows(parts.test, parts.classes);
  return { ...parts, merged: mergeRows(parts.rows), sha256: rowsSha256(parts.rows) };
}
