import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  buildModel,
  InputError,
  MAX_LIT_PER_ROW,
  MAX_SHARD_WEIGHT,
  MAX_TOTAL_WEIGHT,
} from '../../../src/posterior/model.js';
import { checkRows, isLit, litFeatures, packRows, rowBytes, takeRows } from '../../../src/posterior/rows.js';
import { packWeights, randomStart, unpackWeights } from '../../../src/posterior/weights.js';
import { uniforms } from '../../support/tiny-models.js';

function randomBits(count: number, seed: number, chance = 0.5): Uint8Array {
  const next = uniforms(seed);
  return Uint8Array.from({ length: count }, () => Number(next() < chance));
}

describe('rows', () => {
  const FEATURES = 21;
  const dense = randomBits(5 * FEATURES, 1, 0.2);
  const rows = packRows(dense, FEATURES, [0, 1, 2, 1, 0], [1, 2, 3, 4, 5]);

  it('packed give every bit back', () => {
    assert.equal(rows.bits.length, 5 * rowBytes(FEATURES));
    for (let n = 0; n < 5; n++) {
      for (let j = 0; j < FEATURES; j++) assert.equal(isLit(rows, n, j), dense[n * FEATURES + j] === 1);
    }
  });

  it('count once unless weighted', () => {
    assert.deepEqual([...packRows(dense, FEATURES, [0, 1, 2, 1, 0]).weights], [1, 1, 1, 1, 1]);
  });

  it('taken keep bits, labels and weights together', () => {
    const taken = takeRows(rows, [4, 1]);
    assert.deepEqual([taken.count, [...taken.labels], [...taken.weights]], [2, [0, 1], [5, 2]]);
    for (let j = 0; j < FEATURES; j++) {
      assert.equal(isLit(taken, 0, j), isLit(rows, 4, j));
      assert.equal(isLit(taken, 1, j), isLit(rows, 1, j));
    }
  });

  it('light the features that some row lights', () => {
    const expected = Array.from({ length: FEATURES }, (_, j) =>
      Number([0, 1, 2, 3, 4].some((n) => dense[n * FEATURES + j] === 1)),
    );
    assert.ok(expected.includes(0) && expected.includes(1));
    assert.deepEqual([...litFeatures(rows)], expected);
  });

  it('are refused outside the ranges, in one line', () => {
    const refuse = (weights: number[], labels: number[], message: RegExp): void =>
      assert.throws(
        () => checkRows(packRows(new Uint8Array(labels.length * 3), 3, labels, weights), 3),
        (error) =>
          error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
      );
    refuse([], [], /hold no rows/);
    refuse([1, 1], [0, 3], /label of row 2 is 3, must be below 3/);
    refuse([1, 0], [0, 1], /weight of row 2 is 0/);
    refuse([1, MAX_SHARD_WEIGHT + 1], [0, 1], /weight of row 2/);
    refuse(
      Array<number>(8).fill(MAX_SHARD_WEIGHT),
      [0, 1, 2, 0, 1, 2, 0, 1],
      /sum to 524288, at most 524287/,
    );
    assert.doesNotThrow(() => checkRows(packRows(new Uint8Array(6), 3, [0, 2], [1, MAX_SHARD_WEIGHT]), 3));
    assert.ok(MAX_TOTAL_WEIGHT >= MAX_SHARD_WEIGHT);
  });

  it('are refused with more lit features than a logit holds', () => {
    const wide = (lit: number) => packRows(new Uint8Array(lit).fill(1), lit, [0]);
    assert.throws(() => checkRows(wide(MAX_LIT_PER_ROW + 1), 2), /row 1 has 32767 lit features/);
    assert.doesNotThrow(() => checkRows(wide(MAX_LIT_PER_ROW), 2));
  });
});

describe('weights', () => {
  it('packed are least significant bit first, and come back', () => {
    assert.deepEqual([...packWeights(Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 1))], [0b1001, 0b10]);
    const w = randomBits(77, 2);
    assert.deepEqual(unpackWeights(packWeights(w), 77), w);
  });

  it('start fair, apart by chain and seed, with a pinned class at zero', () => {
    const features = 4000;
    const model = buildModel({ features, classes: 3, pinned: true, lit: new Uint8Array(features), pi: 0.05 });
    const w = randomStart(model, 5, 0);
    assert.ok(w.every((bit, i) => i % 3 !== 0 || bit === 0));
    const ones = w.reduce((sum, bit) => sum + bit, 0);
    // 8,000 fair bits: standard deviation 45.
    assert.ok(Math.abs(ones - 4000) < 200, `${ones} ones`);
    assert.notDeepEqual(randomStart(model, 5, 1), w);
    assert.notDeepEqual(randomStart(model, 6, 0), w);
    assert.deepEqual(randomStart(model, 5, 0), w);
  });
});
