import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as values from '../../../src/cli/flags/values.js';

function refuses(parse: (text: string) => unknown, texts: readonly string[], message: RegExp): void {
  for (const text of texts) {
    assert.throws(() => parse(text), { code: 'commander.invalidArgument', message }, `'${text}' was taken`);
  }
}

test('whole numbers keep their range', () => {
  const parse = values.whole(2, 32);
  assert.equal(parse('2'), 2);
  assert.equal(parse('32'), 32);
  refuses(parse, ['1', '33', '-2', '2.5', '1e1', '0x10', '', ' 3', 'three'], /whole number, from 2 to 32/);
  refuses(values.whole(1), ['0', '9007199254740993'], /whole number, 1 or more/);
});

test('fractions keep away from 0, and from 1 where open', () => {
  assert.equal(values.fraction(false)('0.25'), 0.25);
  assert.equal(values.fraction(true)('1'), 1);
  refuses(values.fraction(false), ['0', '1', '-0.1', 'x', '', 'NaN'], /above 0 and below 1/);
  refuses(values.fraction(true), ['0', '1.01', 'Infinity'], /above 0 and at most 1/);
});

test('numbers are finite', () => {
  assert.equal(values.finite('-0.5'), -0.5);
  refuses(values.finite, ['', ' ', 'x', 'Infinity', '1,5'], /must be a number/);
  assert.equal(values.positive('1.5'), 1.5);
  refuses(values.positive, ['0', '-1', '', 'Infinity', 'x'], /number above 0/);
});

test('labels are a list of different whole numbers or names', () => {
  assert.deepEqual(values.labels('0, 7,3'), [0, 7, 3]);
  assert.deepEqual(values.labels('cat, dog'), ['cat', 'dog']);
  refuses(values.labels, ['', '0,1.5', '0,,1', '-1,2'], /labels separated by commas/);
  refuses(values.labels, ['1,1', 'cat,cat'], /named once/);
  refuses(values.labels, ['1'], /at least 2 labels/);
});

test('grids and addresses', () => {
  assert.deepEqual(values.grid('28x27'), { rows: 28, columns: 27 });
  refuses(values.grid, ['28', '0x5', '5x', '5 x 5', '-1x5', 'x'], /rows x columns/);
  assert.equal(values.hostPort('127.0.0.1:7070'), '127.0.0.1:7070');
  refuses(values.hostPort, ['7070', 'host', 'host:99999', 'host:', ':1'], /host:port/);
});
