import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaMeans } from '../../../src/data/area-means.js';
import { loadDataSet } from '../../../src/data/load.js';

test('pixels are the means of the areas they cover, parts of pixels by their share', () => {
  // 3 pixels on 2: the middle one belongs half to each.
  const means = areaMeans({ height: 3, width: 3, values: [0, 0, 0, 9, 9, 9, 0, 9, 90] }, 2);
  const third = (a: number, b: number): number => (2 * a + b) / 3;
  const [top, middle, bottom] = [[0, 0, 0], [9, 9, 9], [0, 9, 90]] as const;
  const left = (row: readonly number[]): number => third(row[0]!, row[1]!);
  const right = (row: readonly number[]): number => third(row[2]!, row[1]!);
  const wanted = [left, right].map((side) => [third(side(top), side(middle)), third(side(bottom), side(middle))]);
  const expected = [wanted[0]![0]!, wanted[1]![0]!, wanted[0]![1]!, wanted[1]![1]!];
  means.forEach((mean, i) => assert(Math.abs(mean - expected[i]!) < 1e-12, `${i}: ${mean}`));
});

test('an evenly grey picture stays as grey, whatever its size', () => {
  const values = new Uint8Array(2 * 7 * 11).fill(100, 0, 77).fill(40, 77);
  const means = areaMeans({ height: 7, width: 11, values }, 5);
  means.forEach((mean, i) => assert(Math.abs(mean - (i < 25 ? 100 : 40)) < 1e-12));
});

test('mnist5x5 has all digits in 25 pixels, brighter ones lit', async () => {
  const data = await loadDataSet({ source: 'mnist5x5' });
  assert.deepEqual([data.rows.count, data.rows.features, data.classes], [60_000, 25, 10]);
  assert.deepEqual([data.test?.count, data.threshold], [10_000, 33]);
  assert.deepEqual(data.grid, { rows: 5, columns: 5 });
  const bright = await loadDataSet({ source: 'mnist5x5', threshold: 200, images: 1000 });
  const lit = (bits: Uint8Array): number => bits.reduce((sum, byte) => sum + Number(byte !== 0), 0);
  assert(lit(bright.rows.bits) < lit(data.rows.bits.subarray(0, 4000)));
  assert.deepEqual([...data.rows.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
});
