import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cli, scratchFolder, succeed } from './support/cli.js';

interface SummaryJson {
  readonly run: { readonly chains: number; readonly draws: number };
  readonly table: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly test: { readonly accuracy: { readonly value: number; readonly mcse: number } };
  readonly warnings: readonly string[];
}

describe('summary', () => {
  const scratch = scratchFolder('summary');
  const run = scratch.join('toy');
  after(() => scratch.remove());
  before(async () => {
    const size = ['--chains', '4', '--draws', '50', '--warmup', '30', '--kernel', 'wasm'];
    await succeed(['serial', 'mnist56', ...size, '--out', run]);
  });

  test('prints the table, classes of weights, predictions and warnings, and never that the run has converged', async () => {
    const text = await succeed(['summary', run]);
    assert.match(text, /^mnist56 in .*toy: finished, 50 of 50 draws a chain, 4 chains/);
    assert.match(text, /^ +mean +sd +mcse_mean +mcse_sd +ess_bulk +ess_tail +r_hat +class$/m);
    assert.match(text, /^lp +-3\d\d\d\.\d{3}( +\d+\.\d{3}){3}( +\d+){2} +\d\.\d{3}$/m);
    assert.match(text, /^weights: \d+ mixed, \d+ sticky, \d+ agreed, \d+ disagreed of 50$/m);
    assert.match(text, /^test: +accuracy 9\d\.\d\d % ± \d\.\d\d, log score -0\.\d{4} ± 0\.\d{4} nat a row/m);
    assert.match(text, /^warning: lp has an effective size of \d+ in 200 draws, below 400$/m);
    assert.doesNotMatch(text, /(?<!not )converged/);
  });

  test('as JSON has the figures as numbers, and none for a weight that never moved', async () => {
    const text = await succeed(['summary', run, '--json', '--weights', '3:5,7:6']);
    const { table, weights, test: predicted, run: told, warnings } = JSON.parse(text) as SummaryJson;
    assert.deepEqual([told.chains, told.draws], [4, 50]);
    assert.deepEqual(Object.keys(table), ['lp', 'w[3, 5]', 'w[7, 6]']);
    assert.deepEqual(Object.keys(table['lp']!), [
      'mean',
      'sd',
      'mcse_mean',
      'mcse_sd',
      'ess_bulk',
      'ess_tail',
      'r_hat',
    ]);
    assert.ok(Object.values(table['lp']!).every((value) => typeof value === 'number'));
    const frozen = table['w[3, 5]']!;
    assert.deepEqual(
      [frozen['class'], frozen['flips'], frozen['sd'], frozen['r_hat']],
      ['agreed', 0, 0, null],
    );
    assert.equal(
      Object.values(weights).reduce((a, b) => a + b),
      50,
    );
    assert.ok(predicted.accuracy.value > 0.9 && predicted.accuracy.mcse < 0.01);
    assert.ok(warnings.length > 0);
  });

  test('refuses what it can not show, in one line', async () => {
    const cases = [
      [['summary', scratch.join('nothing')], /^bitgibbs: .*nothing holds no run[^\n]*\n$/],
      [
        ['summary', run, '--weights', '25:5'],
        /^bitgibbs: there is no free weight 25:5 \(classes are 5, 6\)\n$/,
      ],
      [['summary', run, '--weights', 'all'], /^bitgibbs: .*It must be weights as feature:class[^\n]*\n$/],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stderr } = await cli(args);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
    }
  });
});
