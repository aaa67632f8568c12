import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { loadDataSet, type DataRequest } from '../../../src/data/load.js';
import { mnistFolder } from '../../../src/data/mnist.js';
import type { TableFiles } from '../../../src/data/table.js';
import { InputError } from '../../../src/posterior/model.js';
import { idx, npy } from '../../support/array-files.js';
import { uniforms } from '../../support/tiny-models.js';

const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-files-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const X = [0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1];
const Y = [0, 2, 1];
const csv = file('t.csv', '0,1,1,0,0\n1,0,1,1,2\n0,0,1,1,1\n');
const load = (source: TableFiles, more: Partial<DataRequest> = {}) => loadDataSet({ source, ...more });
const wanted = await load({ table: csv });

test('NPY and IDX arrays of every type, gzipped or not, give the rows of the CSV file', async () => {
  const features = [
    ...(['|u1', '|b1', '<i8', '<f4', '>i4', '<f8'] as const).map((type, i) =>
      file(`x${i}.npy`, npy({ sizes: [3, 4], values: X, type })),
    ),
    file('x.npy.gz', gzipSync(npy({ sizes: [3, 2, 2], values: X }))),
    file('x-idx2-ubyte', idx([3, 4], X)),
    file('x.idx.gz', gzipSync(idx([3, 2, 2], X))),
  ];
  const labels = [file('y.npy', npy({ sizes: [3], values: Y, type: '<i8' })), file('y-idx1-ubyte.gz', gzipSync(idx([3], Y)))];
  for (const x of features) {
    for (const y of labels) assert.equal((await load({ features: x, labels: y })).sha256, wanted.sha256, `${x} ${y}`);
  }
  const picture = await load({ features: features[6]!, labels: labels[0]! });
  assert.deepEqual(picture.grid, { rows: 2, columns: 2 });
});

test('an NPZ archive holds rows, labels, and held-out ones', async () => {
  const arrays = { 'x_train.npy': npy({ sizes: [3, 2, 2], values: X }), 'y_train.npy': npy({ sizes: [3], values: Y }) };
  const held = { 'x_test.npy': npy({ sizes: [1, 2, 2], values: [1, 1, 0, 0] }), 'y_test.npy': npy({ sizes: [1], values: [2] }) };
  const data = await load({ table: file('data.npz', zipSync({ ...arrays, ...held })) });
  assert.deepEqual([data.sha256, data.name, data.test?.count, data.test?.labels[0]], [wanted.sha256, 'data', 1, 2]);
  const plain = zipSync({ 'x.npy': arrays['x_train.npy'], 'y.npy': arrays['y_train.npy'] });
  assert.equal((await load({ table: file('plain.npz', plain) })).test, undefined);
});

test('the IDX files of MNIST give the data set mnist, pictures and all', async () => {
  const part = (name: string): string => join(mnistFolder(), name);
  const source = { features: part('train-images-idx3-ubyte'), labels: part('train-labels-idx1-ubyte') };
  const [files, known] = [await load(source, { threshold: 33 }), await loadDataSet({ source: 'mnist' })];
  assert.deepEqual([files.sha256, files.grid], [known.sha256, known.grid]);
});

test('a threshold makes numbers binary', async () => {
  const x = file('grey.npy', npy({ sizes: [3, 4], values: X.map((bit) => 0.25 + bit / 2), type: '<f4' }));
  const y = file('y2.npy', npy({ sizes: [3], values: Y }));
  assert.equal((await load({ features: x, labels: y }, { threshold: 0.5 })).sha256, wanted.sha256);
  await assert.rejects(load({ features: x, labels: y }), /grey\.npy: row 1, feature 1 is 0\.25, must be 0 or 1/);
});

const x = file('ok.npy', npy({ sizes: [3, 4], values: X }));
const y = file('oky.npy', npy({ sizes: [3], values: Y }));
const refusals: [string, TableFiles, RegExp][] = [
  ['one array as a table', { table: x }, /ok\.npy: holds one array, give --features and --labels/],
  ['two kinds', { features: x, labels: csv }, /must both be CSV files or both arrays/],
  ['no file', { features: `${x}.gz`, labels: y }, /no such file/],
  ['no NPY', { features: file('no.npy', 'hello there'), labels: y }, /no\.npy: is no NPY file/],
  ['no gzip', { features: file('no.npy.gz', 'hello'), labels: y }, /is not a whole gzip file/],
  ['too short', { features: file('s.npy', npy({ sizes: [3, 4], values: X.slice(1) })), labels: y }, /truncated, 3 x 4 values/],
  ['strings', { features: file('u.npy', Buffer.from(npy({ sizes: [3, 4], values: X }).map((b, i, a) => (a[i - 1] === 0x7c && b === 0x75 ? 0x53 : b)))), labels: y }, /type must be one of/],
  ['Fortran order', { features: file('f.npy', npy({ sizes: [3, 4], values: X, fortran: true })), labels: y }, /Fortran order/],
  ['four dimensions', { features: file('4.npy', npy({ sizes: [3, 2, 2, 1], values: X })), labels: y }, /2 dimensions .* or 3/],
  ['labels of another number', { features: x, labels: file('l.npy', npy({ sizes: [2], values: [0, 1] })) }, /has 2 labels, must have 3/],
  ['a label that is none', { features: x, labels: file('n.npy', npy({ sizes: [3], values: [0, 1, 32] })) }, /row 3 is 32, must be a label/],
  ['an archive without labels', { table: file('nol.npz', zipSync({ 'x.npy': npy({ sizes: [3, 4], values: X }) })) }, /holds x, must hold its labels y too/],
  ['an archive of other arrays', { table: file('o.npz', zipSync({ 'a.npy': npy({ sizes: [1], values: [1] }) })) }, /must hold arrays x and y, or x_train and y_train, holds "a"/],
  ['no archive', { table: file('n.npz', 'PK hello') }, /is no whole NPZ file/],
];
for (const [what, source, message] of refusals) {
  test(`${what}: one line that says what would be right`, async () => {
    await assert.rejects(load(source), (error) => {
      assert(error instanceof InputError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
}

/** Bytes changed, cut or doubled at random places. */
function mutated(bytes: Uint8Array, next: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const changes = 1 + Math.floor(4 * next());
  for (let i = 0; i < changes; i++) copy[Math.floor(next() * copy.length)] = Math.floor(256 * next());
  const cut = Math.floor(next() * copy.length);
  if (next() < 0.2) return copy.subarray(0, cut);
  return next() < 0.1 ? Uint8Array.from([...copy, ...copy.subarray(cut)]) : copy;
}

const FUZZED = 1500;

test(`${4 * FUZZED} damaged files are refused in one line, or are still data`, async () => {
  const next = uniforms(77);
  const labels = { npy: y, idx: file('fy-idx1-ubyte', idx([3], Y)) };
  const kinds: [string, Uint8Array, (path: string) => TableFiles][] = [
    ['f.csv', Buffer.from('a,b,c,d,label\n0,1,1,0,0\n1,0,1,1,2\n0,0,1,1,1\n'), (table) => ({ table })],
    ['fz.npy', npy({ sizes: [3, 4], values: X, type: '<f4' }), (features) => ({ features, labels: labels.npy })],
    ['fz-idx2-ubyte', idx([3, 4], X), (features) => ({ features, labels: labels.idx })],
    ['fz.npz', zipSync({ 'x.npy': npy({ sizes: [3, 4], values: X }), 'y.npy': npy({ sizes: [3], values: Y }) }), (table) => ({ table })],
  ];
  const seen = { refused: 0, taken: 0 };
  for (let i = 0; i < FUZZED; i++) {
    for (const [name, bytes, source] of kinds) {
      try {
        await load(source(file(name, mutated(bytes, next))));
        seen.taken++;
      } catch (error) {
        assert(error instanceof InputError, `${name}: ${String(error)}`);
        assert.doesNotMatch(error.message, /\n/);
        seen.refused++;
      }
    }
  }
  assert(seen.refused > FUZZED && seen.taken > 0, JSON.stringify(seen));
});
