import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeRows } from '../../../src/coordinator/placement.js';
import { InputError, MAX_SHARD_WEIGHT } from '../../../src/posterior/model.js';
import { litFeatures, packRows, takeRows, type Rows } from '../../../src/posterior/rows.js';
import { uniforms } from '../../support/tiny-models.js';

/** Rows that light feature j with chance `chances[j]`. */
function rowsWith(count: number, chances: readonly number[], weights?: readonly number[]): Rows {
  const next = uniforms(3);
  const dense = Array.from({ length: count * chances.length }, (_, i) =>
    Number(next() < chances[i % chances.length]!),
  );
  return packRows(dense, chances.length, new Uint8Array(count), weights);
}

function litPixels(rows: Rows): number {
  return rows.bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
}

const COMMON = Array.from({ length: 20 }, () => 0.5);
const RARE = [0.01, 0.02, 0.02, 0.03, 0.05];

for (const S of [1, 2, 3, 7]) {
  test(`each row lies in one of ${S} shards, in order, and the work is even`, () => {
    const rows = rowsWith(600, [...COMMON, ...RARE]);
    const lists = placeRows(rows, S);
    assert.equal(lists.length, S);
    const all = lists.flatMap((list) => [...list]).sort((a, b) => a - b);
    assert.deepEqual(
      all,
      Array.from({ length: 600 }, (_, n) => n),
    );
    for (const list of lists)
      assert.deepEqual(
        [...list],
        [...list].sort((a, b) => a - b),
      );
    const work = lists.map((list) => litPixels(takeRows(rows, list)));
    assert(Math.max(...work) - Math.min(...work) <= 25, `work ${work.join(', ')}`);
  });
}

test('the rows of rare features lie together', () => {
  const rows = rowsWith(600, [...COMMON, ...RARE]);
  const lit = placeRows(rows, 3).map((list) => litFeatures(takeRows(rows, list)));
  RARE.forEach((_, r) => {
    const j = COMMON.length + r;
    assert.deepEqual([lit[0]![j], lit[1]![j], lit[2]![j]], [1, 0, 0], `feature ${j}`);
  });
});

test('data without rare features are dealt out all the same', () => {
  const rows = rowsWith(100, [1, 1, 1, 1]);
  assert.deepEqual(
    placeRows(rows, 4).map((list) => list.length),
    [25, 25, 25, 25],
  );
});

test('no shard is empty, even where rows are few or light nothing', () => {
  for (const rows of [rowsWith(5, RARE), rowsWith(5, [0, 0]), rowsWith(5, [1, 0.2])]) {
    assert.deepEqual(
      placeRows(rows, 5).map((list) => list.length),
      [1, 1, 1, 1, 1],
    );
  }
});

test('the row weights of a shard stay within what an int32 can sum', () => {
  const weights = Array.from({ length: 30 }, (_, n) => (n < 3 ? 60_000 : 900));
  const rows = rowsWith(30, [0.1, 0.9, 0.5], weights);
  for (const list of placeRows(rows, 4)) {
    const weight = list.reduce((sum, n) => sum + weights[n]!, 0);
    assert(weight <= MAX_SHARD_WEIGHT);
  }
});

test('numbers of shards that can’t be made are refused', () => {
  const rows = rowsWith(4, [0.5], [40_000, 40_000, 40_000, 1]);
  for (const S of [0, 1, 5, 1.5]) assert.throws(() => placeRows(rows, S), InputError);
  assert.throws(() => placeRows(rows, 2), /ask for more/, 'two weights of 40,000 do not fit a shard');
  assert.equal(placeRows(rows, 3).length, 3);
});

test('the same data give the same placement', () => {
  const place = (): string => placeRows(rowsWith(300, [...COMMON, ...RARE]), 4).join(';');
  assert.equal(place(), place());
});
