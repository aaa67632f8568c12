/** CSV files, plain or gzipped, record by record, so that a large table is never held as text. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { InputError } from '../posterior/model.js';
import { shown } from './shown.js';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** Number of the data row, from 1; a header is not counted. */
  readonly row: number;
}

export interface CsvFile {
  readonly path: string;
  /** Names of the columns where the file has a header. */
  readonly header?: readonly string[];
  readonly records: AsyncIterable<CsvRecord>;
}

/** Whether a cell holds a finite number. */
export function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}

function explain(path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new InputError(`${path}: no such file`);
  if (code === 'EISDIR') return new InputError(`${path}: is a folder, must be a CSV file`);
  if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR') {
    return new InputError(`${path}: is not a whole gzip file (${message})`);
  }
  return new InputError(`${path}: ${message.split('\n')[0]}`);
}

async function* cellsOf(path: string): AsyncGenerator<readonly string[]> {
  const parser = parse({ bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
  const source = createReadStream(path);
  // A failure anywhere in the pipe ends the parser with that error, which the loop below then meets.
  const ended = (): void => undefined;
  if (path.endsWith('.gz')) pipeline(source, createGunzip(), parser, ended);
  else pipeline(source, parser, ended);
  try {
    for await (const cells of parser) yield cells as string[];
  } catch (error) {
    throw explain(path, error);
  }
}

async function* numbered(
  path: string,
  first: readonly string[] | undefined,
  rest: AsyncGenerator<readonly string[]>,
  columns: number,
): AsyncGenerator<CsvRecord> {
  let row = 0;
  const checked = (cells: readonly string[]): CsvRecord => {
    row++;
    if (cells.length === columns) return { cells, row };
    throw new InputError(`${path}: row ${row} has ${cells.length} columns, must have ${columns} like the first line`);
  };
  if (first) yield checked(first);
  for await (const cells of rest) yield checked(cells);
}

/**
 * Opens a CSV file and looks at its first line: names without a number among them are a header.
 * @throws InputError when the file can't be read, is empty, or its first line mixes names and numbers before the last column
 */
export async function openCsv(path: string): Promise<CsvFile> {
  const all = cellsOf(path);
  const first = (await all.next()).value as readonly string[] | undefined;
  if (!first) throw new InputError(`${path}: holds no rows`);
  const numbers = first.filter(isNumber).length;
  const at = first.findIndex((cell) => !isNumber(cell));
  // The last column alone may be text: labels can be names.
  if (numbers > 0 && at >= 0 && at < first.length - 1) {
    throw new InputError(
      `${path}: line 1, column ${at + 1} is ${shown(first[at]!)} among numbers: a row holds only numbers, a header only names`,
    );
  }
  const isHeader = numbers === 0;
  return {
    path,
    ...(isHeader ? { header: first } : {}),
    records: numbered(path, isHeader ? undefined : first, all, first.length),
  };
}
