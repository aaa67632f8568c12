import assert from 'node:assert/strict';
import test from 'node:test';
import type { WalkJob } from '../../../src/kernel/kernel.js';
import { shareOut } from '../../../src/worker/share-out.js';

const solo = (slot: number): WalkJob => {
  return { kind: 'solo', slot, chain: slot, sweep: 0, betasQ: Int32Array.of(1), reportAfter: [] };
};
const window = (slot: number): WalkJob => {
  const numbers = { sweep: 0, betaQ: 1, settleAt: -1, from: 0, to: 4 };
  return { kind: 'window', slot, chain: slot, ...numbers, guess: new Uint8Array(1), report: false };
};
const slotsOf = (shares: WalkJob[][]): number[][] => shares.map((share) => share.map(({ slot }) => slot));
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('windows: one share a thread, as even as can be, in order', () => {
  assert.deepEqual(slotsOf(shareOut(range(5).map(window), 2, 'wasm')), [
    [0, 1],
    [2, 3, 4],
  ]);
  assert.deepEqual(slotsOf(shareOut(range(2).map(window), 4, 'wasm')), [[0], [1]]);
  assert.deepEqual(shareOut([], 4, 'wasm'), []);
});

test('whole sweeps: one a task for wasm, one share a thread for tfjs', () => {
  assert.deepEqual(slotsOf(shareOut(range(3).map(solo), 2, 'wasm')), [[0], [1], [2]]);
  assert.deepEqual(slotsOf(shareOut(range(4).map(solo), 2, 'tfjs')), [
    [0, 1],
    [2, 3],
  ]);
});
