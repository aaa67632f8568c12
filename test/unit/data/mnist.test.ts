import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDataSet } from '../../../src/data/load.js';
import { litFeatures } from '../../../src/posterior/rows.js';

function litPixels(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) for (let rest = byte; rest; rest &= rest - 1) count++;
  return count;
}

test('all of MNIST has the known sizes at the default threshold', async () => {
  const data = await loadDataSet({ source: 'mnist' });
  assert.equal(data.rows.count, 60_000);
  assert.equal(data.rows.features, 784);
  assert.equal(data.test?.count, 10_000);
  assert.equal(data.classes, 10);
  assert.equal(data.threshold, 33);
  assert.equal(litPixels(data.rows.bits), 7_987_698);
  assert.equal(
    litFeatures(data.rows).reduce((a, b) => a + b, 0),
    708,
  );
  assert.deepEqual([...data.rows.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
});

test('another threshold lights other pixels: 717 have any ink at all', async () => {
  const data = await loadDataSet({ source: 'mnist', threshold: 0 });
  assert.equal(
    litFeatures(data.rows).reduce((a, b) => a + b, 0),
    717,
  );
});

test('chosen classes are renumbered in their order, in both parts, and counted by images', async () => {
  const data = await loadDataSet({ source: 'mnist', chosenClasses: [4, 0, 9], images: 3 });
  assert.deepEqual([...data.rows.labels], [1, 0, 2]);
  assert.deepEqual(data.classNames, ['4', '0', '9']);
  assert.equal(data.classes, 3);
  assert.equal(data.test?.count, 982 + 980 + 1009);
  assert.equal(Math.max(...data.test!.labels), 2);
});

test('the toy has the known rows and classes, and its hash depends on the rows', async () => {
  const data = await loadDataSet({ source: 'mnist56' });
  assert.equal(data.rows.count, 11_339);
  assert.equal(data.test?.count, 1_850);
  assert.deepEqual(data.grid, { rows: 5, columns: 5 });
  assert.deepEqual(data.classNames, ['5', '6']);
  assert.equal(
    data.rows.labels.reduce((a, b) => a + b, 0),
    5_918,
  );
  const fewer = await loadDataSet({ source: 'mnist56', images: 11_338 });
  assert.notEqual(fewer.sha256, data.sha256);
  const again = await loadDataSet({ source: 'mnist56' });
  assert.equal(again.sha256, data.sha256);
});

test('a class count above the classes shown adds empty classes', async () => {
  const data = await loadDataSet({ source: 'mnist56', classCount: 3 });
  assert.equal(data.classes, 3);
  assert.equal(Math.max(...data.rows.labels), 1);
});

for (const [request, message] of [
  [{ images: 60_001 }, /^images must be a whole number from 1 to 60000 .* got 60001$/],
  [{ images: 0 }, /^images must be a whole number from 1 to 60000/],
  [{ chosenClasses: [0, 10] }, /^classes must be whole numbers from 0 to 9 for mnist, got 10$/],
  [{ chosenClasses: [3, 3] }, /^classes must differ, got 3,3$/],
  [{ chosenClasses: [3] }, /^classes must name at least 2 classes, got 3$/],
  [{ classCount: 9 }, /^class count must be a whole number from 10 .* to 32, got 9$/],
  [{ classCount: 33 }, /^class count must be a whole number from 10 .* to 32, got 33$/],
  [{ grid: { rows: 28, columns: 28 } }, /^grid: the features of mnist have their grid/],
  [{ test: { table: 'x.csv' } }, /^x\.csv: no such file$/],
  [{ test: { share: 0.000001, seed: 1 } }, /^test: 0.000001 of 60000 rows leaves none to test with$/],
  [{ chosenClasses: [3, 'cat'] }, /^classes: cat is no class of mnist: there are 0, 1, 2/],
] as const) {
  test(`mnist with ${JSON.stringify(request)} is refused`, async () => {
    await assert.rejects(loadDataSet({ source: 'mnist', ...request }), { name: 'InputError', message });
  });
}
