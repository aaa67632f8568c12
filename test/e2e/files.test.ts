/** Runs on a user's own files, and flags given as variables. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { scratchFolder, succeed } from './support/cli.js';

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
