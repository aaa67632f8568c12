/**
 * The order of a shard's rows in memory. A feature's rows are read one after the other, over and over; the closer
 * together they lie, the fewer of those reads wait for far memory. So rows that light much the same features should be
 * neighbours. What is drawn depends on sums of integers alone, so on no order.
 */
import { rowBytes, type Rows } from '../../posterior/rows.js';

/** Rows that are left as they are: halving them further costs more than it gives. */
const LEAF_ROWS = 256;
/** Rows from which a direction is made, and steps of the power iteration. */
const SAMPLE_ROWS = 128;
const ITERATIONS = 4;

/** Calls `visit` with each lit feature of a row, ascending. */
export function eachLit(rows: Rows, n: number, visit: (j: number) => void): void {
  const stride = rowBytes(rows.features);
  for (let b = 0; b < stride; b++) {
    for (let byte = rows.bits[n * stride + b]!; byte; byte &= byte - 1) {
      visit(b * 8 + 31 - Math.clz32(byte & -byte));
    }
  }
}

/** The features that each row of an even sample of a group lights. */
function sampleOf(rows: Rows, group: Uint32Array): number[][] {
  const step = Math.max(1, Math.floor(group.length / SAMPLE_ROWS));
  const sample: number[][] = [];
  for (let i = 0; i < group.length; i += step) {
    const lit: number[] = [];
    eachLit(rows, group[i]!, (j) => lit.push(j));
    sample.push(lit);
  }
  return sample;
}

/** Roughly the direction of f64[features] in which the rows of a sample differ most. */
function mainDirection(sample: readonly number[][], features: number): Float64Array {
  let direction = Float64Array.from({ length: features }, (_, j) => Math.sin(j + 1));
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const scores = sample.map((lit) => lit.reduce((sum, j) => sum + direction[j]!, 0));
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const next = new Float64Array(features);
    sample.forEach((lit, i) => {
      for (const j of lit) next[j]! += scores[i]! - mean;
    });
    const size = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0)) || 1;
    direction = next.map((x) => x / size);
  }
  return direction;
}

/** What each value of each byte of a row adds to its score along a direction, f64[bytes][256]. */
function byteScores(direction: Float64Array): Float64Array {
  const bytes = rowBytes(direction.length);
  const scores = new Float64Array(bytes << 8);
  for (let b = 0; b < bytes; b++) {
    for (let value = 1; value < 256; value++) {
      const lowest = 31 - Math.clz32(value & -value);
      scores[(b << 8) + value] = scores[(b << 8) + (value & (value - 1))]! + (direction[b * 8 + lowest] ?? 0);
    }
  }
  return scores;
}

/** Sorts a group along its main direction, and then each half of it again. @param scores scratch, one a row */
function sortAlike(rows: Rows, group: Uint32Array, scores: Float64Array): void {
  if (group.length <= LEAF_ROWS) return;
  const stride = rowBytes(rows.features);
  const ofBytes = byteScores(mainDirection(sampleOf(rows, group), rows.features));
  for (const n of group) {
    let score = 0;
    for (let b = 0; b < stride; b++) score += ofBytes[(b << 8) + rows.bits[n * stride + b]!]!;
    scores[n] = score;
  }
  group.sort((a, b) => scores[a]! - scores[b]! || a - b);
  const half = group.length >> 1;
  sortAlike(rows, group.subarray(0, half), scores);
  sortAlike(rows, group.subarray(half), scores);
}

/**
 * Numbers of all rows: those of weight 1 first, so that they can be summed in 16 bits; of each kind class by class, for
 * rows of a class light much the same features; and in a class those together that are most alike.
 */
export function rowOrder(rows: Rows): Uint32Array {
  const order = Uint32Array.from({ length: rows.count }, (_, n) => n);
  const rank = (n: number): number => (rows.weights[n] === 1 ? 0 : 256) + rows.labels[n]!;
  order.sort((a, b) => rank(a) - rank(b) || a - b);
  const scores = new Float64Array(rows.count);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && rank(order[to]!) === rank(order[from]!)) to++;
    sortAlike(rows, order.subarray(from, to), scores);
  }
  return order;
}
