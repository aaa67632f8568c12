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

/** Adds the weights of each row's lit features: no dependency, no copy of the data as floats. */
export function plainLogits(rows: Rows, classes: number): LogitSource {
  const starts = new Uint32Array(rows.count + 1);
  const lit: number[] = [];
  for (let n = 0; n < rows.count; n++) {
    for (let j = 0; j < rows.features; j++) if (isLit(rows, n, j)) lit.push(j * classes);
    starts[n + 1] = lit.length;
  }
  const offsets = Uint32Array.from(lit);
  const out = new Int32Array(rows.count * classes);
  return {
    name: 'plain',
    logits(w) {
      out.fill(0);
      for (let n = 0; n < rows.count; n++) {
        const row = n * classes;
        for (let i = starts[n]!; i < starts[n + 1]!; i++) {
          const from = offsets[i]!;
          for (let k = 0; k < classes; k++) out[row + k]! += w[from + k]!;
        }
      }
      return out;
    },
  };
}
