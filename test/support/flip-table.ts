/** The flip table from its definition: how the log-normaliser changes when one logit goes up or down by one. */
import { logSumExpQ } from '../../src/posterior/grid.js';

export interface TableRow {
  /** `lse(z + e_k) - lse(z)`, length K. */
  readonly up: Int32Array;
  /** `lse(z) - lse(z - e_k)`, length K. */
  readonly down: Int32Array;
}

export function tableRow(z: readonly number[]): TableRow {
  const classes = z.length;
  const lse = logSumExpQ(z, classes);
  const stepped = (k: number, step: number): number =>
    logSumExpQ(
      z.map((zk, other) => (other === k ? zk + step : zk)),
      classes,
    );
  return {
    up: Int32Array.from({ length: classes }, (_, k) => stepped(k, 1) - lse),
    down: Int32Array.from({ length: classes }, (_, k) => lse - stepped(k, -1)),
  };
}
