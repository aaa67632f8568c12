/** Repeated rows become one that weighs as much as they do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeRows, MOST_MERGED } from '../../../src/posterior/merged-rows.js';
import { isLit, packRows, type Rows } from '../../../src/posterior/rows.js';
import { uniforms } from '../../support/tiny-models.js';

/** Weight of each different row with its label. */
function tally(rows: Rows): Map<string, number> {
  const found = new Map<string, number>();
  for (let n = 0; n < rows.count; n++) {
    const key = `${Array.from({ length: rows.features }, (_, j) => Number(isLit(rows, n, j))).join('')} ${rows.labels[n]}`;
    found.set(key, (found.get(key) ?? 0) + rows.weights[n]!);
  }
  return found;
}

test('rows that are the same in features and label are merged, in the order of the first ones', () => {
  const dense = [1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1];
  const merged = mergeRows(packRows(dense, 3, [0, 1, 0, 1, 0, 1, 0, 0], [1, 1, 5, 1, 1, 2, 1, 1]));
  assert.deepEqual([...merged.bits], [0b101, 0b110, 0b101]);
  assert.deepEqual([...merged.labels], [0, 1, 1]);
  assert.deepEqual([...merged.weights], [9, 3, 1]);
});

test('random rows keep their weights', () => {
  for (const features of [3, 9, 17]) {
    const next = uniforms(features);
    const kinds = Array.from({ length: 40 }, () =>
      Array.from({ length: features }, () => Number(next() < 0.5)),
    );
    const chosen = Array.from({ length: 500 }, () => kinds[Math.floor(40 * next())]!);
    const labels = chosen.map(() => Math.floor(3 * next()));
    const weights = chosen.map(() => 1 + Math.floor(4 * next()));
    const rows = packRows(chosen.flat(), features, labels, weights);
    const merged = mergeRows(rows);
    assert.equal(merged.count, tally(rows).size);
    assert.deepEqual(tally(merged), tally(rows));
  }
});

test('a merged row weighs at most so much that any shard has room for it', () => {
  const count = 3 * MOST_MERGED + 1;
  const rows = packRows(new Uint8Array(count).fill(1), 1, new Uint8Array(count));
  assert.deepEqual([...mergeRows(rows).weights], [MOST_MERGED, MOST_MERGED, MOST_MERGED, 1]);
  const heavy = packRows([1, 1, 1, 1], 1, [0, 0, 0, 0], [5000, 1, 1, 1]);
  assert.deepEqual([...mergeRows(heavy).weights], [5000, 3]);
});

test('rows that are seldom repeated stay as they are', () => {
  const rows = packRows([0, 0, 1, 1, 0, 1, 1, 0, 1, 0], 2, [0, 0, 0, 0, 0]);
  assert.equal(mergeRows(rows), rows);
});
