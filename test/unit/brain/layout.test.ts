import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOfMembers, planLayout, type LayoutInput } from '../../../src/coordinator/brain/layout.js';

const SHARD = 10;
const PLENTY = 1000;

function layout(
  memories: readonly number[],
  S: number,
  more: Partial<LayoutInput> & {
    held?: readonly (readonly number[])[];
    threads?: readonly number[];
  } = {},
): string[] {
  const { held = [], threads = [], ...rest } = more;
  return planLayout({
    workers: memories.map((memoryBytes, id) => ({
      ...{ id, memoryBytes, threads: threads[id] ?? 1, held: new Set(held[id] ?? []) },
    })),
    current: [],
    shards: Array.from({ length: S }, () => ({ rows: 100, weight: 100, lit: new Uint8Array(0) })),
    memory: { shardBytes: () => SHARD, slotBytes: () => 1 },
    spread: S,
    warming: false,
    ...rest,
  }).map(keyOfMembers);
}

test('warm-up is walked alone by every worker that can hold all shards', () => {
  assert.deepEqual(layout([PLENTY, 15, PLENTY], 2, { warming: true }), ['0:0,1', '2:0,1']);
});

test('warm-up is spread where no worker can hold all shards', () => {
  assert.deepEqual(layout([11, 11], 2, { warming: true }), ['0:0 1:1']);
});

test('a worker alone, or a spread of 1, walks alone', () => {
  assert.deepEqual(layout([PLENTY], 3), ['0:0,1,2']);
  assert.deepEqual(layout([PLENTY, PLENTY], 3, { spread: 1 }), ['0:0,1,2', '1:0,1,2']);
});

test('sampling is spread: groups of S workers, left-over ones are spares', () => {
  assert.deepEqual(layout([11, 11, 11, 11, 11], 2), ['0:0 1:1', '2:0 3:1']);
});

test('with fewer workers than shards some hold several', () => {
  assert.deepEqual(layout([PLENTY, PLENTY], 3), ['0:0,2 1:1']);
  assert.deepEqual(layout([11, PLENTY], 3), ['0:0 1:1,2'], 'as memory allows');
});

test('a spread below the number of shards gives each member several shards', () => {
  assert.deepEqual(layout([PLENTY, PLENTY, PLENTY, PLENTY], 4, { spread: 2 }), [
    '0:0,2 1:1,3',
    '2:0,2 3:1,3',
  ]);
});

test('a worker with fewer threads gets fewer shards, but one at least', () => {
  assert.deepEqual(layout([PLENTY, PLENTY], 4, { spread: 2, threads: [1, 3] }), ['0:1 1:0,2,3']);
  assert.deepEqual(layout([PLENTY, PLENTY], 3, { spread: 2, threads: [16, 1] }), ['0:0,2 1:1']);
  assert.deepEqual(layout([PLENTY, PLENTY], 2, { threads: [1, 16], held: [[1], [0]] }), ['0:1 1:0']);
});

test('a shard stays where it lies', () => {
  assert.deepEqual(layout([11, 11], 2, { held: [[1], [0]] }), ['0:1 1:0']);
});

test('a group whose workers are all there stays as it is', () => {
  const current = [
    [
      { worker: 1, shards: [1] },
      { worker: 3, shards: [0] },
    ],
  ];
  assert.deepEqual(layout([11, 11, 11, 11], 2, { current }), ['1:1 3:0', '0:0 2:1']);
});

test('a small group makes place for a full one as workers join', () => {
  const current = [
    [
      { worker: 0, shards: [0, 2] },
      { worker: 1, shards: [1] },
    ],
  ];
  assert.deepEqual(layout([PLENTY, PLENTY], 3, { current }), ['0:0,2 1:1']);
  assert.deepEqual(layout([PLENTY, PLENTY, PLENTY], 3, { current }), ['0:0 1:1 2:2']);
});

test('no layout where the data have no room', () => {
  assert.deepEqual(layout([11, 11], 3), []);
  assert.deepEqual(layout([11], 2), []);
  assert.deepEqual(layout([], 2), []);
});
