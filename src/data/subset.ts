/** Parts of a data set: chosen classes, the first rows. */
import { MIN_CLASSES } from '../posterior/grid.js';
import { InputError } from '../posterior/model.js';
import { type Rows, takeRows } from '../posterior/rows.js';

/** The rows whose label is in `chosen`, in their order; class i of the result is `chosen[i]`. */
export function takeClasses(rows: Rows, chosen: readonly number[]): Rows {
  const numbers: number[] = [];
  for (let n = 0; n < rows.count; n++) if (chosen.includes(rows.labels[n]!)) numbers.push(n);
  const taken = takeRows(rows, numbers);
  return { ...taken, labels: taken.labels.map((label) => chosen.indexOf(label)) };
}

/** The first `count` rows. @throws InputError when there are fewer */
export function takeFirst(rows: Rows, count: number, name: string): Rows {
  if (!Number.isInteger(count) || count < 1 || count > rows.count) {
    throw new InputError(`images must be a whole number from 1 to ${rows.count} (the rows of ${name}), got ${count}`);
  }
  return takeRows(
    rows,
    Array.from({ length: count }, (_, n) => n),
  );
}

/** @throws InputError unless `chosen` are at least two different classes below `available` */
export function checkChosenClasses(chosen: readonly number[], available: number, name: string): void {
  const wrong = chosen.find((label) => !Number.isInteger(label) || label < 0 || label >= available);
  if (wrong !== undefined) {
    throw new InputError(`classes must be whole numbers from 0 to ${available - 1} for ${name}, got ${wrong}`);
  }
  if (new Set(chosen).size !== chosen.length) {
    throw new InputError(`classes must differ, got ${chosen.join(',')}`);
  }
  if (chosen.length < MIN_CLASSES) {
    throw new InputError(`classes must name at least ${MIN_CLASSES} classes, got ${chosen.join(',') || 'none'}`);
  }
}
