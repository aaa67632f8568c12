/** The order of rows in memory: every row once, light ones first, class by class, and like rows together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOrder } from '../../../src/kernel/wasm/row-order.js';
import { tinyModel } from '../../support/tiny-models.js';

test('every row is there once, in ascending rank', () => {
  const { rows } = tinyModel({ features: 40, classes: 3, rows: 3000, seed: 1, maxWeight: 2, litChance: 0.3 });
  const order = rowOrder(rows);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    [...Array(rows.count).keys()],
  );
  const ranks = [...order].map((n) => [Number(rows.weights[n]! > 1), rows.labels[n]!] as const);
  assert.ok(new Set(ranks.map(String)).size === 6);
  assert.deepEqual(
    ranks,
    [...ranks].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
  );
});

test('rows of two kinds that alternate are told apart', () => {
  const { rows: some } = tinyModel({ features: 40, classes: 2, rows: 2000, seed: 2, litChance: 0.3 });
  // Even rows light the first half of the features more often, odd ones the second half.
  const bits = some.bits.map((byte, i) => {
    const kind = Math.floor(i / 5) % 2;
    const inHalf = i % 5 < 2 ? kind === 0 : i % 5 > 2 ? kind === 1 : false;
    return inHalf ? byte | 0x55 : byte;
  });
  const rows = { ...some, bits };
  const order = rowOrder(rows);
  const kinds = [...order].map((n) => n % 2);
  const changes = kinds.slice(1).filter((kind, i) => kind !== kinds[i]).length;
  // By chance half of all neighbours are of different kinds.
  assert.ok(changes < 0.1 * rows.count, `${changes} changes of kind`);
});
