/** Tables of binary features and labels from CSV files. */
import { InputError, MAX_SHARD_WEIGHT } from '../posterior/model.js';
import { rowBytes, type Rows } from '../posterior/rows.js';
import { type CsvFile, type CsvRecord, isNumber, openCsv } from './csv.js';
import { LabelReader, type LabelRules, type ReadLabels } from './labels.js';
import { shown } from './shown.js';

/** Where a table lies: features and labels apart, or one file whose last column is the label. */
export type TableFiles =
  | { readonly features: string; readonly labels: string }
  | { readonly table: string };

export interface TableRules extends LabelRules {
  /** A value above this is a 1; without it only 0 and 1 are allowed. */
  readonly threshold?: number;
  /** D where it is known beforehand. */
  readonly features?: number;
  /** Name or number (from 1) of the column that says how often a row counts; by default each counts once. */
  readonly weightsColumn?: string;
}

export interface Table {
  readonly rows: Rows;
  /** What the classes are called, where the labels are names. */
  readonly classNames?: readonly string[];
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

/** Place of the weights column among the first columns of a file, -1 where none is asked for. */
function weightsPlace(file: CsvFile, columns: number, { weightsColumn: asked }: TableRules): number {
  if (asked === undefined) return -1;
  const named = file.header?.indexOf(asked) ?? -1;
  const place = named >= 0 || !/^[1-9]\d*$/.test(asked) ? named : Number(asked) - 1;
  if (place >= 0 && place < columns) return place;
  const there = file.header ? `a name in its header or a number from 1 to ${columns}` : `a number from 1 to ${columns}`;
  throw new InputError(`${file.path}: weights column must be ${there}, not that of the label, got ${shown(asked)}`);
}

function weightIn(cell: string, file: CsvFile, row: number, column: number): number {
  const weight = /^[1-9]\d*$/.test(cell) ? Number(cell) : 0;
  if (weight >= 1 && weight <= MAX_SHARD_WEIGHT) return weight;
  throw new InputError(
    `${file.path}: row ${row}, ${columnName(file, column)} is ${shown(cell)}, a weight must be a whole number from 1 to ${MAX_SHARD_WEIGHT}`,
  );
}

/** Collects features, and weights where there are any, as they are read. */
export class RowsBuilder {
  /** D */
  readonly features: number;
  readonly #stride: number;
  readonly #packed: Uint8Array[] = [];
  readonly #weights: number[] = [];
  /** Place of the weights column, -1 where there is none. */
  readonly #weightsAt: number;

  /** @param columns of features, and of weights if there are any: the first of the file */
  constructor(
    readonly file: CsvFile,
    columns: number,
    readonly rules: TableRules,
  ) {
    this.#weightsAt = weightsPlace(file, columns, rules);
    const features = this.#weightsAt < 0 ? columns : columns - 1;
    this.features = features;
    if (features < 1) throw new InputError(`${file.path}: has no features beside the weights`);
    if (rules.features !== undefined && features !== rules.features) {
      throw new InputError(`${file.path}: has ${features} features, must have ${rules.features} like the training rows`);
    }
    this.#stride = rowBytes(features);
  }

  addFeatures({ cells, row }: CsvRecord): void {
    const bits = new Uint8Array(this.#stride);
    for (let j = 0; j < this.features; j++) {
      const column = this.#weightsAt >= 0 && j >= this.#weightsAt ? j + 1 : j;
      if (isLitCell(cells[column]!, this.file, row, column, this.rules.threshold)) bits[j >> 3]! |= 1 << (j & 7);
    }
    this.#packed.push(bits);
    this.#weights.push(this.#weightsAt < 0 ? 1 : weightIn(cells[this.#weightsAt]!, this.file, row, this.#weightsAt));
  }

  /** @param labels of the rows, by default all 0 */
  rows(labels = new Uint8Array(this.#packed.length)): Rows {
    const count = this.#packed.length;
    const bits = new Uint8Array(count * this.#stride);
    this.#packed.forEach((row, n) => bits.set(row, n * this.#stride));
    return { count, features: this.features, bits, labels, weights: Uint32Array.from(this.#weights) };
  }
}

const atCell = (file: CsvFile, row: number, column: number) => (): string =>
  `${file.path}: row ${row}, ${columnName(file, column)}`;

function tableOf(builder: RowsBuilder, { labels, classNames }: ReadLabels): Table {
  return { rows: builder.rows(labels), ...(classNames ? { classNames } : {}) };
}

async function readOne(path: string, rules: TableRules): Promise<Table> {
  const file = await openCsv(path);
  const labels = new LabelReader(rules);
  let builder: RowsBuilder | undefined;
  for await (const record of file.records) {
    const last = record.cells.length - 1;
    if (last < 1) throw new InputError(`${path}: has one column, must have features and then the label`);
    builder ??= new RowsBuilder(file, last, rules);
    builder.addFeatures(record);
    labels.add(record.cells[last]!, atCell(file, record.row, last));
  }
  if (!builder) throw new InputError(`${path}: holds no rows`);
  return tableOf(builder, labels.labels());
}

/** @param rows labels there must be: names alone don't tell whether the first of them is a header, their number does */
async function readLabels(path: string, rules: TableRules, rows: number): Promise<ReadLabels> {
  const file = await openCsv(path);
  const found: CsvRecord[] = [];
  for await (const record of file.records) {
    if (record.cells.length !== 1)
      throw new InputError(`${path}: has ${record.cells.length} columns, must have one: the label`);
    found.push(record);
  }
  const isLabel = file.header?.length === 1 && found.length + 1 === rows;
  const cells = [...(isLabel ? file.header! : []), ...found.map((record) => record.cells[0]!)];
  const labels = new LabelReader(rules);
  cells.forEach((cell, n) => labels.add(cell, atCell(isLabel ? { ...file, header: undefined } : file, n + 1, 0)));
  return labels.labels();
}

async function readTwo(featuresPath: string, labelsPath: string, rules: TableRules): Promise<Table> {
  const file = await openCsv(featuresPath);
  let builder: RowsBuilder | undefined;
  let count = 0;
  for await (const record of file.records) {
    builder ??= new RowsBuilder(file, record.cells.length, rules);
    builder.addFeatures(record);
    count++;
  }
  if (!builder) throw new InputError(`${featuresPath}: holds no rows`);
  const read = await readLabels(labelsPath, rules, count);
  if (read.labels.length !== count) {
    throw new InputError(`${labelsPath}: has ${read.labels.length} labels, must have ${count} like the rows of ${featuresPath}`);
  }
  return tableOf(builder, read);
}

/** Reads a table into packed rows, N x D. @throws InputError naming file, row and column */
export function readTable(files: TableFiles, rules: TableRules = {}): Promise<Table> {
  return 'table' in files ? readOne(files.table, rules) : readTwo(files.features, files.labels, rules);
}
