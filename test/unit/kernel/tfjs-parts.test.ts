/** The parts of the tfjs kernel that need no native library. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockstep } from '../../../src/kernel/tfjs/lockstep.js';
import { TILE_WEIGHT } from '../../../src/kernel/wasm/sizes.js';
import { tilesOf } from '../../../src/kernel/wasm/tiles.js';
import { NAT_Q } from '../../../src/posterior/grid.js';
import { uniforms } from '../../support/tiny-models.js';

test('tiles count every row with its whole weight, and none of them is too heavy', () => {
  const next = uniforms(1);
  const random = Array.from({ length: 300 }, () => 1 + Math.floor(next() ** 8 * 20));
  for (const weights of [[1], [9], [25, 1], [1, 1, 26, 1, 10], Array(31).fill(1), random]) {
    const counted = weights.map(() => 0);
    const tiles = tilesOf(weights, 10);
    for (const { from, to, first, last } of tiles) {
      let sum = 0;
      for (let n = from; n < to; n++) {
        const part = n === from ? first : n === to - 1 ? last : weights[n]!;
        counted[n]! += part;
        sum += part;
      }
      assert.ok(to > from && sum <= 10, `rows ${from} to ${to} weigh ${sum}`);
    }
    assert.deepEqual(counted, weights);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    assert.equal(tiles.length, Math.ceil(total / 10));
  }
});

test('tiles of rows of weight 1 are runs of the same length', () => {
  assert.deepEqual(tilesOf(Array(25).fill(1), 10), [
    { from: 0, to: 10, first: 1, last: 1 },
    { from: 10, to: 20, first: 1, last: 1 },
    { from: 20, to: 25, first: 1, last: 1 },
  ]);
});

test('sums of a tile stay where float32 holds every integer', () => {
  assert.ok(TILE_WEIGHT * NAT_Q < 2 ** 24);
});

test('walks that wait for the same are served together, and results keep their order', () => {
  const served: string[][] = [];
  function* walk(name: string, keys: string[]): Generator<{ key: string; name: string }, string, void> {
    for (const key of keys) yield { key, name };
    return name;
  }
  const walks = [walk('a', ['1', '2', '3']), walk('b', []), walk('c', ['1', '3']), walk('d', ['2', '3'])];
  const results = lockstep(walks, (wanted) => served.push(wanted.map(({ name, key }) => name + key)));
  assert.deepEqual(results, ['a', 'b', 'c', 'd']);
  assert.deepEqual(served, [
    ['a1', 'c1'],
    ['d2', 'a2'],
    ['c3', 'd3', 'a3'],
  ]);
});
