/** Tables of binary features and labels from CSV files. */
import { MAX_CLASSES } from '../posterior/grid.js';
import { InputError } from '../posterior/model.js';
import { rowBytes, type Rows } from '../posterior/rows.js';
import { shown } from './shown.js';
import { type CsvFile, type CsvRecord, isNumber, openCsv } from './csv.js';

/** Where a table lies: features and labels apart, or one file whose last column is the label. */
export type TableFiles =
  | { readonly features: string; readonly labels: string }
  | { readonly table: string };

export interface TableRules {
  /** A value above this is a 1; without it only 0 and 1 are allowed. */
  readonly threshold?: number;
  /** K where it is known beforehand: labels must be below it. */
  readonly classes?: number;
  /** D where it is known beforehand. */
  readonly features?: number;
}

function columnName(file: CsvFile, column: number): string {
  const name = file.header?.[column];
  return name ? `column ${column + 1} (${shown(name).slice(1, -1)})` : `column ${column + 1}`;
}

function isLitCell(cell: string, file: CsvFile, row: number, column: number, threshold?: number): boolean {
  if (threshold === undefined) {
    if (cell === '0') return false;
    if (cell === '1') return true;
  }
  const at = `${file.path}: row ${row}, ${columnName(file, column)} is ${shown(cell)}`;
  if (!isNumber(cell)) throw new InputError(`${at}, must be a number`);
  const value = Number(cell);
  if (threshold !== undefined) return value > threshold;
  if (value !== 0 && value !== 1) throw new InputError(`${at}, must be 0 or 1 (or give a threshold above which it is 1)`);
  return value === 1;
}

function labelOf(cell: string, file: CsvFile, row: number, column: number, classes = MAX_CLASSES): number {
  const label = isNumber(cell) ? Number(cell) : NaN;
  if (Number.isInteger(label) && label >= 0 && label < classes) return label;
  throw new InputError(
    `${file.path}: row ${row}, ${columnName(file, column)} is ${shown(cell)}, ` +
      `must be a label: a whole number from 0 to ${classes - 1}`,
  );
}

/** Collects rows as they are read; without labels they are all 0. */
export class RowsBuilder {
  readonly #stride: number;
  readonly #packed: Uint8Array[] = [];
  readonly labels: number[] = [];

  constructor(
    readonly file: CsvFile,
    readonly features: number,
    readonly rules: TableRules,
  ) {
    if (rules.features !== undefined && features !== rules.features) {
      throw new InputError(`${file.path}: has ${features} features, must have ${rules.features} like the training rows`);
    }
    this.#stride = rowBytes(features);
  }

  addFeatures({ cells, row }: CsvRecord): void {
    const bits = new Uint8Array(this.#stride);
    for (let j = 0; j < this.features; j++) {
      if (isLitCell(cells[j]!, this.file, row, j, this.rules.threshold)) bits[j >> 3]! |= 1 << (j & 7);
    }
    this.#packed.push(bits);
  }

  rows(): Rows {
    const count = this.#packed.length;
    const bits = new Uint8Array(count * this.#stride);
    this.#packed.forEach((row, n) => bits.set(row, n * this.#stride));
    const weights = new Uint32Array(count).fill(1);
    return { count, features: this.features, bits, labels: Uint8Array.from({ length: count }, (_, n) => this.labels[n] ?? 0), weights };
  }
}

async function readOne(path: string, rules: TableRules): Promise<Rows> {
  const file = await openCsv(path);
  let builder: RowsBuilder | undefined;
  for await (const record of file.records) {
    const last = record.cells.length - 1;
    if (last < 1) throw new InputError(`${path}: has one column, must have features and then the label`);
    builder ??= new RowsBuilder(file, last, rules);
    builder.addFeatures(record);
    builder.labels.push(labelOf(record.cells[last]!, file, record.row, last, rules.classes));
  }
  if (!builder) throw new InputError(`${path}: holds no rows`);
  return builder.rows();
}

async function readLabels(path: string, rules: TableRules): Promise<number[]> {
  const file = await openCsv(path);
  const labels: number[] = [];
  for await (const { cells, row } of file.records) {
    if (cells.length !== 1) throw new InputError(`${path}: has ${cells.length} columns, must have one: the label`);
    labels.push(labelOf(cells[0]!, file, row, 0, rules.classes));
  }
  return labels;
}

async function readTwo(featuresPath: string, labelsPath: string, rules: TableRules): Promise<Rows> {
  const file = await openCsv(featuresPath);
  let builder: RowsBuilder | undefined;
  for await (const record of file.records) {
    builder ??= new RowsBuilder(file, record.cells.length, rules);
    builder.addFeatures(record);
  }
  if (!builder) throw new InputError(`${featuresPath}: holds no rows`);
  const labels = await readLabels(labelsPath, rules);
  const rows = builder.rows();
  if (labels.length !== rows.count) {
    throw new InputError(`${labelsPath}: has ${labels.length} labels, must have ${rows.count} like the rows of ${featuresPath}`);
  }
  return { ...rows, labels: Uint8Array.from(labels) };
}

/** Reads a table into packed rows, N x D. @throws InputError naming file, row and column */
export function readTable(files: TableFiles, rules: TableRules = {}): Promise<Rows> {
  return 'table' in files ? readOne(files.table, rules) : readTwo(files.features, files.labels, rules);
}
