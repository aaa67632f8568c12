import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseIdx } from '../../../src/data/idx.js';
import { readIdxPair } from '../../../src/data/mnist.js';

const idx = (sizes: number[], values: number[], type = 8): Uint8Array =>
  Uint8Array.from([0, 0, type, sizes.length, ...sizes.flatMap((size) => [0, 0, size >> 8, size & 255]), ...values]);

const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-idx-'));
after(() => rmSync(folder, { recursive: true }));

test('sizes and values are read from an unaligned view too', () => {
  const padded = Uint8Array.from([9, ...idx([2, 1, 2], [1, 2, 3, 4])]);
  const { sizes, values } = parseIdx(padded.subarray(1), 3, 'x');
  assert.deepEqual(sizes, [2, 1, 2]);
  assert.deepEqual([...values], [1, 2, 3, 4]);
});

for (const [what, file, message] of [
  ['another type', idx([1], [0], 9), /^x: magic number is 0x00000901, must be 0x00000801/],
  ['other dimensions', idx([1, 1], [0]), /^x: magic number is 0x00000802, must be 0x00000801/],
  ['missing values', idx([3], [1, 2]), /^x: truncated, the header says 3 bytes, 2 follow$/],
  ['values too many', idx([1], [1, 2]), /^x: too long, the header says 1 bytes, 2 follow$/],
  ['a cut header', idx([3], []).subarray(0, 6), /^x: truncated, 6 bytes are too few/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => parseIdx(file, 1, 'x'), { name: 'InputError', message });
  });
}

test('images are lit above the threshold, and need as many labels', () => {
  writeFileSync(join(folder, 't10k-images-idx3-ubyte'), idx([2, 1, 3], [33, 34, 0, 255, 0, 1]));
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), idx([2], [7, 3]));
  const rows = readIdxPair(folder, 't10k', 33);
  assert.deepEqual([...rows.bits], [0b010, 0b001]);
  assert.deepEqual([...rows.labels], [7, 3]);
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), idx([1], [7]));
  assert.throws(() => readIdxPair(folder, 't10k', 33), { message: /has 1 labels, must have 2/ });
});

test('a missing file is named', () => {
  assert.throws(() => readIdxPair(folder, 'train', 33), { message: /train-images-idx3-ubyte \(ENOENT\)/ });
});
