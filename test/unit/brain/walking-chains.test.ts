import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walkingChains } from '../../../src/coordinator/brain/walking-chains.js';

const MIB = 2 ** 20;

test('so many chains walk at a time as fit, a thread', () => {
  assert.equal(walkingChains(3 * MIB, 1, 12 * MIB), 4);
  assert.equal(walkingChains(3.1 * MIB, 1, 12 * MIB), 3);
  assert.equal(walkingChains(3 * MIB, 8, 12 * MIB), 32);
});

test('one a thread walks where not even one fits', () => {
  assert.equal(walkingChains(40 * MIB, 2, 12 * MIB), 2);
});

test('slots of no size set no limit', () => {
  assert.ok(walkingChains(0, 1) > 1_000_000);
});
