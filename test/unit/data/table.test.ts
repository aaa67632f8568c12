import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadDataSet } from '../../../src/data/load.js';
import { readTable } from '../../../src/data/table.js';

const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-table-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string | Buffer, ending = '.csv'): string {
  const path = join(folder, `t${files++}${ending}`);
  writeFileSync(path, text);
  return path;
}

test('one file: the last column is the label, a header is optional', async () => {
  for (const text of ['1,0,1,2\n0,1,1,0\n', 'a,b,c,label\n1,0,1,2\n0,1,1,0\n', '\ufeffa,b,c,y\r\n1,0,1,2\r\n\r\n0,1,1,0']) {
    const { rows } = await readTable({ table: file(text) });
    assert.deepEqual([...rows.bits], [0b101, 0b110]);
    assert.deepEqual([...rows.labels], [2, 0]);
    assert.deepEqual([...rows.weights], [1, 1]);
    assert.equal(rows.features, 3);
  }
});

test('features and labels apart, gzipped, over more than one byte a row', async () => {
  const features = file(gzipSync('1,0,0,0,0,0,0,0,1\n0,1,0,0,0,0,0,0,0\n'), '.csv.gz');
  const { rows } = await readTable({ features, labels: file('label\n1\n0\n') });
  assert.deepEqual([...rows.bits], [1, 1, 2, 0]);
  assert.deepEqual([...rows.labels], [1, 0]);
});

test('a threshold makes numbers binary', async () => {
  const { rows } = await readTable({ table: file('0.5,7,-3,1\n0.4,0.51,1e3,0\n') }, { threshold: 0.5 });
  assert.deepEqual([...rows.bits], [0b010, 0b110]);
});

test('a column of weights, by its name or its number', async () => {
  const withName = file('a,times,b,y\n1,3,0,1\n0,65536,1,0\n');
  for (const [path, weightsColumn] of [
    [withName, 'times'],
    [withName, '2'],
    [file('1,3,0,1\n0,65536,1,0\n'), '2'],
  ] as const) {
    const { rows } = await readTable({ table: path }, { weightsColumn });
    assert.deepEqual([rows.features, [...rows.bits], [...rows.labels]], [2, [0b01, 0b10], [1, 0]]);
    assert.deepEqual([...rows.weights], [3, 65536]);
  }
  const apart = { features: file('1,0,7\n'), labels: file('1\n') };
  assert.deepEqual([...(await readTable(apart, { weightsColumn: '3' })).rows.weights], [7]);
});

for (const [what, text, rules, message] of [
  ['a value that is not binary', 'p0,p1,y\n1,0,1\n1,0.5,0\n', {}, /: row 2, column 2 \(p1\) is "0.5", must be 0 or 1/],
  ['a word among the features', '1,0,1\n1,x,0\n', {}, /: row 2, column 2 is "x", must be a number$/],
  ['an empty cell', '1,0,1\n1,,0\n', { threshold: 3 }, /: row 2, column 2 is "", must be a number$/],
  ['a label that is no whole number', '1,0,1\n1,1,1.5\n', {}, /: row 2, column 3 is "1.5", must be a label: .* 0 to 31$/],
  ['a label out of range', '1,0,1\n1,1,3\n', { classes: 3 }, /: row 2, column 3 is "3", .* from 0 to 2$/],
  ['a negative label', '1,0,-1\n', {}, /: row 1, column 3 is "-1", must be a label/],
  ['a short row', '1,0,1\n1,1\n', {}, /: row 2 has 2 columns, must have 3/],
  ['one column', '1\n0\n', {}, /: has one column, must have features and then the label$/],
  ['an empty file', '', {}, /: holds no rows$/],
  ['a header alone', 'a,b,y\n', {}, /: holds no rows$/],
  ['a first line that mixes names and numbers', '1,x,1\n1,1,0\n', {}, /: line 1, column 2 is "x" among numbers/],
  ['an open quote', '1,"0,1\n', {}, /Quote Not Closed/],
  ['a weight of 0', 'a,n,y\n1,0,1\n', { weightsColumn: 'n' }, /: row 1, column 2 \(n\) is "0", a weight must be .* from 1 to 65536$/],
  ['half a weight', '1,1.5,1\n', { weightsColumn: '2' }, /: row 1, column 2 is "1.5", a weight must be a whole number/],
  ['a weights column that is not there', 'a,n,y\n1,1,1\n', { weightsColumn: 'm' }, /: weights column must be a name .* from 1 to 2, .* got "m"$/],
  ['the label as weights column', 'a,n,y\n1,1,1\n', { weightsColumn: 'y' }, /: weights column must be .* not that of the label/],
  ['weights alone', '1,1\n', { weightsColumn: '1' }, /: has no features beside the weights$/],
  ['another number of features', '1,0,1\n', { features: 3 }, /: has 2 features, must have 3 like the training rows$/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(readTable({ table: file(text) }, rules), { name: 'InputError', message });
  });
}

test('labels apart are counted and must be one column', async () => {
  const features = file('1,0\n0,1\n');
  await assert.rejects(readTable({ features, labels: file('1\n') }), { message: /: has 1 labels, must have 2 like/ });
  await assert.rejects(readTable({ features, labels: file('1,0\n0,1\n') }), { message: /: has 2 columns, must have one/ });
});

test('files that cannot be read are named', async () => {
  await assert.rejects(readTable({ table: join(folder, 'none.csv') }), { message: /none\.csv: no such file$/ });
  await assert.rejects(readTable({ table: folder }), { message: /: is a folder, must be a CSV file$/ });
  await assert.rejects(readTable({ table: file('1,0,1\n', '.csv.gz') }), { message: /is not a whole gzip file/ });
  const cut = gzipSync('1,0,1\n'.repeat(1000)).subarray(0, 30);
  await assert.rejects(readTable({ table: file(cut, '.csv.gz') }), { message: /is not a whole gzip file/ });
});

test('a data set from files: K from the labels, name from the file, test rows checked against both', async () => {
  const source = { table: file('1,0,0,1,2\n0,1,0,1,0\n', '-digits.csv') };
  const test = { table: file('1,1,1,1,1\n') };
  const data = await loadDataSet({ source, test, grid: { rows: 2, columns: 2 } });
  assert.equal(data.classes, 3);
  assert.match(data.name, /^t\d+-digits$/);
  assert.deepEqual(data.grid, { rows: 2, columns: 2 });
  assert.equal(data.test?.count, 1);
  await assert.rejects(loadDataSet({ source, grid: { rows: 3, columns: 2 } }), {
    message: /^grid 3x2 must hold the 4 features of/,
  });
  await assert.rejects(loadDataSet({ source, test: { table: file('1,1,1,1,3\n') } }), {
    message: /row 1, column 5 is "3", must be a label: a whole number from 0 to 2$/,
  });
});

test('labels that are names become classes in the order of their letters', async () => {
  const table = file('1,0,cat\n0,1,ant\n1,1,cat\n0,0,"bee, red"\n');
  for (const source of [
    { table },
    { table: file('a,b,animal\n1,0,cat\n0,1,ant\n1,1,cat\n0,0,"bee, red"\n') },
    { features: file('1,0\n0,1\n1,1\n0,0\n'), labels: file('cat\nant\ncat\n"bee, red"\n') },
    { features: file('1,0\n0,1\n1,1\n0,0\n'), labels: file('animal\ncat\nant\ncat\n"bee, red"\n') },
  ]) {
    const data = await loadDataSet({ source, test: { table: file('1,1,"bee, red"\n') } });
    assert.deepEqual(data.classNames, ['ant', 'bee, red', 'cat']);
    assert.deepEqual([...data.rows.labels], [2, 0, 2, 1]);
    assert.deepEqual([...data.test!.labels], [1]);
  }
  const two = await loadDataSet({ source: { table }, chosenClasses: ['cat', 'ant'] });
  assert.deepEqual([two.classNames, [...two.rows.labels]], [['cat', 'ant'], [0, 1, 0]]);
});

for (const [what, text, message] of [
  ['a number among names', '1,0,cat\n1,1,3\n', /: row 2, column 3 is "3", must be a name like the labels before it$/],
  ['a name among numbers', '1,0,1\n1,1,cat\n', /: row 2, column 3 is "cat", must be a label: a whole number/],
  ['an empty name', '1,0,cat\n1,1,\n', /: row 2, column 3 is "", must be a name/],
  ['33 names', Array.from({ length: 33 }, (_, k) => `1,0,c${k}\n`).join(''), /: row 33, column 3 is "c32", one class more than the 32/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(readTable({ table: file(text) }), { name: 'InputError', message });
  });
}

test('a name that the training rows do not have is refused among the test rows', async () => {
  const source = { table: file('1,0,cat\n0,1,ant\n') };
  await assert.rejects(loadDataSet({ source, test: { table: file('1,1,dog\n') } }), {
    message: /: row 1, column 3 is "dog", must be a class of the training rows: ant, cat$/,
  });
});

test('a share of the rows is held out: each row is on one side, the same for the same seed', async () => {
  const lines = Array.from({ length: 40 }, (_, n) => `${[...n.toString(2).padStart(6, '0')].join(',')},${n % 2}\n`);
  const source = { table: file(lines.join('')) };
  const halves = async (seed: number) => {
    const { rows, test } = await loadDataSet({ source, test: { share: 0.25, seed } });
    return [rows, test!].map(({ bits, count }) => ({ count, bits: [...bits] }));
  };
  const [train, held] = await halves(1);
  assert.deepEqual([train!.count, held!.count], [30, 10]);
  const all = (await loadDataSet({ source })).rows;
  assert.deepEqual([...train!.bits, ...held!.bits].sort(), [...all.bits].sort());
  assert.deepEqual(await halves(1), [train, held]);
  assert.notDeepEqual(await halves(2), [train, held]);
  await assert.rejects(loadDataSet({ source, test: { share: 0.99, seed: 1 } }), {
    message: 'test: 0.99 of 40 rows leaves none to train with',
  });
});
