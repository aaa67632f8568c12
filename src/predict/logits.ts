/** Logits of a test set under given weights. Every way of computing them yields the same integers. */
import { isLit, type Rows } from '../posterior/rows.js';

export interface LogitSource {
  readonly name: 'plain' | 'tfjs';
  /**
   * Logits of all rows, n K + k; the array is reused by the next call.
   * @param w one byte a weight, length D K, index j K + k
   */
  logits(w: Uint8Array): ArrayLike<number>;
}

/** Bits of a double that count exactly, less one. */
const EXACT_BITS = 52;

/** Features lit in each row, one row after the other: those of row n lie from `starts[n]` to `starts[n + 1]`. */
function litFeatures(rows: Rows): { readonly starts: Uint32Array; readonly lit: Uint32Array } {
  const starts = new Uint32Array(rows.count + 1);
  const lit: number[] = [];
  for (let n = 0; n < rows.count; n++) {
    for (let j = 0; j < rows.features; j++) if (isLit(rows, n, j)) lit.push(j);
    starts[n + 1] = lit.length;
  }
  return { starts, lit: Uint32Array.from(lit) };
}

/**
 * Adds the weights of each row's lit features: no dependency, no copy of the data as floats. Logits of several classes are
 * added at once, as the digits of one number: no digit is larger than the most features that a row lights.
 */
export function plainLogits(rows: Rows, classes: number): LogitSource {
  const { starts, lit } = litFeatures(rows);
  let most = 1;
  for (let n = 0; n < rows.count; n++) most = Math.max(most, starts[n + 1]! - starts[n]!);
  const base = 2 ** (32 - Math.clz32(most));
  const digits = Math.floor(EXACT_BITS / Math.log2(base));
  const words = new Float64Array(rows.features);
  const out = new Int32Array(rows.count * classes);
  const addClasses = (w: Uint8Array, from: number, to: number): void => {
    for (let j = 0; j < rows.features; j++) {
      let word = 0;
      for (let k = to - 1; k >= from; k--) word = word * base + w[j * classes + k]!;
      words[j] = word;
    }
    for (let n = 0; n < rows.count; n++) {
      let sum = 0;
      for (let i = starts[n]!; i < starts[n + 1]!; i++) sum += words[lit[i]!]!;
      for (let k = from; k < to; k++) {
        const rest = Math.floor(sum / base);
        out[n * classes + k] = sum - rest * base;
        sum = rest;
      }
    }
  };
  return {
    name: 'plain',
    logits(w) {
      for (let k = 0; k < classes; k += digits) addClasses(w, k, Math.min(classes, k + digits));
      return out;
    },
  };
}
