/**
 * Rows that are the same, merged into one that weighs as much as all of them. The log-likelihood is a sum of integers
 * over rows, so a row's integer times its weight is what its copies summed to: merging changes no draw.
 */
import { rowBytes, takeRows, type Rows } from './rows.js';

/** A merged row weighs no more than this; what is heavier lies in several. So any shard has room for one more. */
export const MOST_MERGED = 1024;

/** Merged rows are used where they are at most this share of the rows: a row that has a weight costs more to walk. */
const WORTHWHILE_SHARE = 0.75;

/** 32-bit FNV-1a of a row and its label. */
function hashOf({ bits, labels }: Rows, n: number, stride: number): number {
  let hash = Math.imul(0x811c9dc5 ^ labels[n]!, 0x01000193);
  for (let b = n * stride; b < (n + 1) * stride; b++) hash = Math.imul(hash ^ bits[b]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function isSame({ bits, labels }: Rows, a: number, b: number, stride: number): boolean {
  if (labels[a] !== labels[b]) return false;
  for (let i = 0; i < stride; i++) if (bits[a * stride + i] !== bits[b * stride + i]) return false;
  return true;
}

/** Of each merged row the number of its first row, and its weight. */
function gather(rows: Rows): { firsts: number[]; weights: number[] } {
  const stride = rowBytes(rows.features);
  const size = 2 ** Math.ceil(Math.log2(2 * rows.count + 1));
  // Open addressing: places of merged rows plus 1, 0 where there is none.
  const table = new Uint32Array(size);
  const firsts: number[] = [];
  const weights: number[] = [];
  for (let n = 0; n < rows.count; n++) {
    let at = hashOf(rows, n, stride) & (size - 1);
    while (table[at] && !isSame(rows, firsts[table[at]! - 1]!, n, stride)) at = (at + 1) & (size - 1);
    const place = table[at]! - 1;
    const weight = rows.weights[n]!;
    if (place >= 0 && weights[place]! + weight <= MOST_MERGED) {
      weights[place]! += weight;
      continue;
    }
    firsts.push(n);
    weights.push(weight);
    table[at] = firsts.length;
  }
  return { firsts, weights };
}

/**
 * The rows with repeated ones merged, in the order in which each is first met; the rows themselves where too few are
 * repeated for that to save work.
 */
export function mergeRows(rows: Rows): Rows {
  const { firsts, weights } = gather(rows);
  if (firsts.length > WORTHWHILE_SHARE * rows.count) return rows;
  return { ...takeRows(rows, firsts), weights: Uint32Array.from(weights) };
}
