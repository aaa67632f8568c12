/** A share of the rows held out, the same rows for the same seed. */
import { InputError } from '../posterior/model.js';
import { type Rows, takeRows } from '../posterior/rows.js';
import { Domain, uniform53 } from '../posterior/stream.js';

export interface Split {
  /** Share of the rows that are held out, above 0 and below 1. */
  readonly share: number;
  readonly seed: number;
}

/**
 * Holds out the rows with the smallest of one random number a row; both parts keep the order of the rows.
 * @throws InputError when a part would be empty
 */
export function splitRows(rows: Rows, { share, seed }: Split): { readonly train: Rows; readonly test: Rows } {
  const held = Math.round(share * rows.count);
  if (held < 1 || held >= rows.count) {
    throw new InputError(`test: ${share} of ${rows.count} rows leaves none to ${held < 1 ? 'test' : 'train'} with`);
  }
  const chances = Float64Array.from({ length: rows.count }, (_, n) => uniform53(seed, n, 0, 0, Domain.split));
  const order = Array.from({ length: rows.count }, (_, n) => n).sort((a, b) => chances[a]! - chances[b]! || a - b);
  const isHeld = new Uint8Array(rows.count);
  for (const n of order.slice(0, held)) isHeld[n] = 1;
  const numbers = (wanted: number): number[] => [...isHeld.keys()].filter((n) => isHeld[n] === wanted);
  return { train: takeRows(rows, numbers(0)), test: takeRows(rows, numbers(1)) };
}
