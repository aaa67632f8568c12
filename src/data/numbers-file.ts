/** Plain numbers from a file, in reading order: NPY, or CSV with or without a header. */
import { InputError } from '../posterior/model.js';
import { isArrayFile, readArray } from './array-file.js';
import { isNumber, openCsv } from './csv.js';
import { shown } from './shown.js';

/** @throws InputError naming file, row and column */
export async function readNumbers(path: string): Promise<number[]> {
  if (isArrayFile(path)) return Array.from(readArray(path).values);
  const numbers: number[] = [];
  const file = await openCsv(path);
  for await (const { cells, row } of file.records) {
    cells.forEach((cell, column) => {
      if (!isNumber(cell))
        throw new InputError(`${path}: row ${row}, column ${column + 1} is ${shown(cell)}, must be a number`);
      numbers.push(Number(cell));
    });
  }
  return numbers;
}
