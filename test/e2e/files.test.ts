/** Runs on a user's own files, and flags given as variables. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { cli, scratchFolder, succeed } from './support/cli.js';

const folder = scratchFolder('files');
after(() => folder.remove());

/** 3 x 2 pictures whose lit column is the class. */
const pictures = Array.from({ length: 90 }, (_, n) => {
  const label = n % 2;
  const noisy = n % 9 === 0 ? 1 - label : label;
  const row = noisy === 0 ? [1, 0] : [0, 1];
  return { cells: [...row, ...row, ...row], label };
});

function csv(name: string, lines: readonly (readonly (number | string)[])[], zipped = false): string {
  const text = lines.map((line) => line.join(',')).join('\n');
  const path = folder.join(name);
  writeFileSync(path, zipped ? gzipSync(text) : text);
  return path;
}

const sampling = ['--chains', '2', '--warmup', '20', '--draws', '10', '--grid', '3x2'];
const digestIn = (summary: string): string => /^digest: {2}([0-9a-f]{64})$/m.exec(summary)![1]!;

test('one file, two files, a gzipped one and raw numbers with a threshold are the same data', async () => {
  const table = csv(
    'table.csv',
    pictures.map(({ cells, label }) => [...cells, label]),
  );
  const header = [...Array.from({ length: 6 }, (_, j) => `p${j}`)];
  const grey = pictures.map(({ cells }) => cells.map((cell) => (cell ? 200.5 : 0.25)));
  const features = csv('grey.csv.gz', [header, ...grey], true);
  const labels = csv(
    'labels.csv',
    pictures.map(({ label }) => [label]),
  );
  const layout = ['--shards', '2', '--workers', '2', '--kernel', 'wasm'];
  const one = await succeed([
    'run',
    table,
    '--test',
    table,
    ...sampling,
    ...layout,
    '--out',
    folder.join('one'),
  ]);
  assert.match(one, /^all .* 88\.89 %$/m);
  const apart = ['--features', features, '--labels', labels, '--threshold', '100'];
  const two = await succeed(['serial', ...apart, ...sampling, '--out', folder.join('two')]);
  assert.equal(digestIn(two), digestIn(one));
  assert.doesNotMatch(two, /test accuracy/);
});

test('flags can be variables, and the command line comes first', async () => {
  const table = csv(
    'small.csv',
    pictures.map(({ cells, label }) => [...cells, label]),
  );
  const env = {
    BITGIBBS_OUT: folder.join('variables'),
    BITGIBBS_DRAWS: '4',
    BITGIBBS_SEED: '9',
    BITGIBBS_FORCE: '0',
  };
  const summary = await succeed(['serial', table, '--seed', '7', '--chains', '1', '--warmup', '0'], { env });
  assert.match(summary, /4 of 4 draws a chain, seed 7/);
  assert.match(summary, new RegExp(`^draws: {3}${folder.join('variables')}$`, 'm'));
});

test('without --out a run goes to runs/, under the name of its data and the time', async () => {
  await succeed(['serial', 'mnist56', '--images', '20', '--chains', '1', '--warmup', '0', '--draws', '1'], {
    cwd: folder.path,
  }).then((summary) => assert.match(summary, /^draws: {3}runs\/mnist56-\d{8}-\d{6}$/m));
});

test('held-out rows, a share or files, are kept with the run; labels can be names', async () => {
  const names = ['off', 'on'];
  const named = pictures.map(({ cells, label }) => [...cells, names[label]!]);
  const table = csv('named.csv', named);
  const accuracy = /^test: .* accuracy (\d\d\.\d\d) %/m;
  const [shared, held] = [folder.join('shared'), folder.join('held')];
  const text = await succeed([
    'serial',
    table,
    '--test',
    '0.3',
    '--test-seed',
    '5',
    ...sampling,
    '--out',
    shared,
  ]);
  const summary = await succeed(['summary', shared, '--weights', '0:on']);
  assert.equal(accuracy.exec(summary)![1], accuracy.exec(text)![1]);
  assert.match(summary, /^w\[0, on\] /m);
  const layout = ['--shards', '2', '--workers', '2', '--kernel', 'wasm'];
  const flags = ['--test', '0.3', '--test-seed', '5', ...sampling, ...layout];
  const spread = await succeed(['run', table, ...flags, '--out', folder.join('spread')]);
  assert.equal(digestIn(spread), digestIn(text));
  const model = folder.join('model.yaml');
  writeFileSync(model, 'data: named.csv\ntest: 0.3\ntest-seed: 5\n');
  const byModel = await succeed(['serial', model, ...sampling, '--out', folder.join('by-model')]);
  assert.equal(digestIn(byModel), digestIn(text));
  // Files beside a data set that has test rows of its own take their place.
  const few = csv('few.csv', [[...new Array<number>(25).fill(1), 1]]);
  const known = ['mnist56', '--images', '50', '--chains', '1', '--warmup', '0', '--draws', '8'];
  await succeed(['serial', ...known, '--test', few, '--out', held]);
  assert.match(await succeed(['summary', held]), /^test: +accuracy (0\.00|100\.00) %/m);
  const predictions = await succeed(['predict', shared, table]);
  assert.match(predictions, /^row,predicted,p_off,p_on,mcse_off,mcse_on\n1,(off|on),/);
});

test('rows with weights are the rows that they stand for, in any layout; what a weight must be is said', async () => {
  const counts = new Map<string, number>();
  for (const { cells, label } of pictures) {
    const key = [...cells, label].join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const weighted = csv(
    'weighted.csv',
    [...counts].map(([key, times]) => [times, key]),
  );
  const each = csv(
    'each.csv',
    pictures.map(({ cells, label }) => [...cells, label]),
  );
  const weights = ['--weights-column', '1'];
  const summaries = await Promise.all([
    succeed(['serial', each, ...sampling, '--out', folder.join('each')]),
    succeed(['serial', weighted, ...weights, ...sampling, '--out', folder.join('weighted')]),
    succeed([
      ...['run', weighted, ...weights, ...sampling, '--out', folder.join('weighted-spread')],
      ...['--shards', '2', '--workers', '2', '--threads', '1'],
    ]),
  ]);
  assert.equal(new Set(summaries.map(digestIn)).size, 1);
  const wrong = await cli([
    'serial',
    each,
    ...sampling,
    '--weights-column',
    '1',
    '--out',
    folder.join('wrong'),
  ]);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /each\.csv: row 1, column 1 is "0", a weight must be a whole number from 1 to 65536/,
  );
});
