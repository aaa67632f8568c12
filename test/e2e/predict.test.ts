/** Class probabilities of new rows from a stored run. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { npy } from '../support/array-files.js';
import { openRun } from '../../src/store/read-run.js';
import { uniforms } from '../support/tiny-models.js';
import { cli, scratchFolder, succeed } from './support/cli.js';

const scratch = scratchFolder('predict');
after(() => scratch.remove());
const run = scratch.join('toy');
const FEATURES = 25;
const next = uniforms(8);
const X = Array.from({ length: 6 }, () => Array.from({ length: FEATURES }, () => Number(next() < 0.5)));

function file(name: string, content: string | Uint8Array): string {
  const path = scratch.join(name);
  writeFileSync(path, content);
  return path;
}

const csv = (name: string, rows: readonly (readonly (number | string)[])[]): string =>
  file(name, rows.map((row) => `${row.join(',')}\n`).join(''));

before(async () => {
  const size = ['--images', '60', '--chains', '3', '--warmup', '10', '--draws', '24', '--kernel', 'wasm'];
  await succeed(['serial', 'mnist56', ...size, '--out', run]);
});

/** Sigmoids of every draw for one row, by chain: what the averages and their errors are made of. */
async function sigmoids(x: readonly number[]): Promise<number[][]> {
  const reader = await openRun(run);
  const byChain: number[][] = [[], [], []];
  for await (const { chain, w } of reader.read(0, reader.horizon)) {
    const logit = x.reduce((sum, lit, j) => sum + lit * (w[2 * j + 1]! - w[2 * j]!), 0);
    byChain[chain]!.push(1 / (1 + Math.exp(-logit)));
  }
  return byChain;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test('predictions are the averages over draws, with the error of leaving out stretches of chains', async () => {
  const text = await succeed(['predict', run, csv('x.csv', X)]);
  const [head, ...lines] = text.trimEnd().split('\n');
  assert.equal(head, 'row,predicted,p_5,p_6,mcse_5,mcse_6');
  assert.equal(lines.length, X.length);
  for (const [n, line] of lines.entries()) {
    const [row, predicted, p5, p6, e5, e6] = line.split(',');
    const byChain = await sigmoids(X[n]!);
    const p = mean(byChain.flat());
    assert.deepEqual([row, predicted], [String(n + 1), p > 0.5 ? '6' : '5']);
    assert.ok(Math.abs(Number(p6) - p) < 1e-6 && Math.abs(Number(p5) - (1 - p)) < 1e-6, line);
    // 24 draws of a chain in 12 stretches.
    const groups = byChain.flatMap((chain) =>
      Array.from({ length: 12 }, (_, i) => chain.slice(2 * i, 2 * i + 2)),
    );
    const without = groups.map((group) => mean(groups.filter((other) => other !== group).flat()));
    const error = Math.sqrt((35 / 36) * without.reduce((sum, v) => sum + (v - mean(without)) ** 2, 0));
    assert.ok(error > 0 && Math.abs(Number(e6) / error - 1) < 0.01, `${line}: ${error}`);
    assert.equal(e5, e6);
  }
});

test('rows of any kind of file, with a label or without, give the same predictions', async () => {
  const wanted = await succeed(['predict', run, csv('x.csv', X)]);
  const header = [...Array.from({ length: FEATURES }, (_, j) => `p${j}`), 'label'];
  const values = X.flat();
  const sources = [
    csv('numbered.csv', [header, ...X.map((x) => [...x, 1])]),
    csv('named.csv', [...X.map((x) => [...x, 'six'])]),
    file('x.npy', npy({ sizes: [X.length, 5, 5], values })),
  ];
  for (const source of sources) assert.equal(await succeed(['predict', run, source]), wanted, source);
  const weighted = csv('weighted.csv', [['count', ...header], ...X.map((x, n) => [n + 1, ...x, 1])]);
  assert.equal(await succeed(['predict', run, weighted, '--weights-column', 'count']), wanted);
  const grey = csv(
    'grey.csv',
    X.map((x) => x.map((lit) => 10 + 200 * lit)),
  );
  const out = scratch.join('predictions.csv');
  const told = await succeed(['predict', run, grey, '--threshold', '100', '-o', out]);
  assert.equal(told, `${out}: 6 rows, averaged over 72 draws\n`);
  assert.equal(readFileSync(out, 'utf8'), wanted);
  const again = await cli(['predict', run, grey, '--threshold', '100', '-o', out]);
  assert.deepEqual([again.code, again.stdout], [1, '']);
  assert.match(again.stderr, /^bitgibbs: \S+ is there already: choose another --out, or add --force/);
  const fewer = ['predict', run, grey, '--threshold', '100', '-o', out, '--force', '--draws', '30'];
  assert.equal(await succeed(fewer), `${out}: 6 rows, averaged over 24 draws\n`);
});

test('the test rows of a known data set are predicted as well as the summary says', async () => {
  const lines = (await succeed(['predict', run, 'mnist56'])).trimEnd().split('\n').slice(1);
  const labels = readFileSync(new URL('../../../data/mnist56/test.csv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => (line.endsWith('0') ? '5' : '6'));
  const right = lines.filter((line, n) => line.split(',')[1] === labels[n]).length;
  const accuracy = ((100 * right) / labels.length).toFixed(2);
  assert.match(await succeed(['summary', run]), new RegExp(`^test: +accuracy ${accuracy} %`, 'm'));
});

const wrong = (): [string, string[], RegExp][] => [
  [
    'too few features',
    [csv('short.csv', [[1, 0, 1]])],
    /short\.csv: has 3 columns, must have 25 like the features of the run, or one more: a label, which is not read$/,
  ],
  [
    'an array of other rows',
    [file('other.npy', npy({ sizes: [2, 3], values: [1, 0, 1, 1, 1, 0] }))],
    /other\.npy: has 3 features, must have 25 like the run$/,
  ],
  ['another data set', ['mnist'], /^bitgibbs: mnist: has 784 features, must have 25 like the run$/],
  [
    'numbers where bits belong',
    [csv('half.csv', [X[0]!.map(() => 0.5)])],
    /row 1, column 1 is "0\.5", must be 0 or 1/,
  ],
  ['a file that is not there', [scratch.join('none.csv')], /none\.csv: no such file$/],
];
for (const [i, [what]] of wrong().entries()) {
  test(`${what} is refused in one line`, async () => {
    const [, args, message] = wrong()[i]!;
    const { code, stdout, stderr } = await cli(['predict', run, ...args]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr.trim(), message);
    assert.doesNotMatch(stderr.trim(), /\n/);
  });
}
