import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, durationText, grouped, percent, textTable } from '../../../src/cli/text-table.js';

test('columns line up: the first to the left, the others to the right', () => {
  const table = textTable([
    ['chain', 'lp', 'flips'],
    ['0', '-18,600.1', '1 %'],
    ['all', '-9', ''],
  ]);
  assert.equal(table, 'chain         lp  flips\n0      -18,600.1    1 %\nall           -9');
});

test('numbers, shares, bytes and durations', () => {
  assert.equal(grouped(7_987_698), '7,987,698');
  assert.equal(grouped(-18629.54, 1), '-18,629.5');
  assert.equal(percent(1, 3), '33.33 %');
  assert.equal(percent(0.9012), '90.12 %');
  assert.equal(percent(0, 0), '-');
  assert.deepEqual([0, 999, 1000, 2_512_000, 3e9].map(bytesText), [
    '0 B',
    '999 B',
    '1.0 kB',
    '2.5 MB',
    '3.0 GB',
  ]);
  assert.deepEqual([8.24, 59.94, 60, 185, 7620].map(durationText), [
    '8.2 s',
    '59.9 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 07 min',
  ]);
});
