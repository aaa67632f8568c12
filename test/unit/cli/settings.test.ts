import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkOutput,
  checkShards,
  dataRequest,
  defaultOut,
  resumeCommand,
  runPlan,
} from '../../../src/cli/settings.js';
import { packRows } from '../../../src/posterior/rows.js';
import { warmupDraws } from '../../../src/sampler/run-plan.js';

const source = (name: string | undefined, flags = {}): unknown => dataRequest(name, flags).source;

test('data come from a known name, one CSV or two', () => {
  assert.equal(source('mnist'), 'mnist');
  assert.equal(source('mnist56'), 'mnist56');
  assert.deepEqual(source('some/digits.csv'), { table: 'some/digits.csv' });
  assert.deepEqual(source('digits.csv.gz'), { table: 'digits.csv.gz' });
  assert.deepEqual(source(undefined, { features: 'x.csv', labels: 'y.csv' }), {
    features: 'x.csv',
    labels: 'y.csv',
  });
});

test('test rows come from one CSV or two', () => {
  assert.equal(dataRequest('a.csv', {}).test, undefined);
  assert.deepEqual(dataRequest('a.csv', { test: 't.csv' }).test, { table: 't.csv' });
  assert.deepEqual(dataRequest('a.csv', { test: 0.2, testSeed: 7 }).test, { share: 0.2, seed: 7 });
  const apart = { testFeatures: 'x.csv', testLabels: 'y.csv' };
  assert.deepEqual(dataRequest('a.csv', apart).test, { features: 'x.csv', labels: 'y.csv' });
});

for (const [name, flags, message] of [
  [undefined, {}, /^no data set: known are mnist, mnist5x5, mnist56; or give a CSV or NPZ file/],
  ['mnits', {}, /^unknown data set 'mnits': known are mnist, mnist5x5, mnist56/],
  [
    'mnist',
    { features: 'x.csv', labels: 'y.csv' },
    /^give either a data set \(mnist\) or --features and --labels$/,
  ],
  [undefined, { features: 'x.csv' }, /^--labels must be given beside --features$/],
  [undefined, { labels: 'x.csv' }, /^--features must be given beside --labels$/],
  ['a.csv', { testLabels: 'x.csv' }, /^--test-features must be given beside --test-labels$/],
  ['a.csv', { testFeatures: 'x.csv' }, /^--test-labels must be given beside --test-features$/],
  [
    'a.csv',
    { test: 't.csv', testFeatures: 'x.csv', testLabels: 'y.csv' },
    /^give either --test or --test-features/,
  ],
] as const) {
  test(`${name} with ${JSON.stringify(flags)} is refused`, () => {
    assert.throws(() => dataRequest(name, flags), { name: 'InputError', message });
  });
}

test('shards must not outnumber rows, and must hold them', () => {
  const rows = packRows([1, 0, 1], 1, [0, 1, 0]);
  checkShards(3, rows);
  assert.throws(() => checkShards(4, rows), {
    message: '--shards must be at most 3, the rows of the data (repeated ones merged), got 4',
  });
  const heavy = packRows([1, 0, 1], 1, [0, 1, 0], [65536, 1, 1]);
  checkShards(2, heavy);
  assert.throws(() => checkShards(1, heavy), { message: /^--shards must be at least 2: .* got 1$/ });
});

const noReplicas = (): number => assert.fail('replicas were chosen though none are asked for');

test('a plan anneals from beta start to 1', () => {
  const sampling = { pi: 0.5, chains: 2, draws: 5, thin: 3, warmup: 3, betaStart: 0.25, seed: 1 };
  const plan = runPlan(sampling, noReplicas);
  assert.deepEqual([...plan.warmupBetasQ], [16384, 32768, 65536]);
  assert.equal(plan.thin, 3);
  assert.equal(runPlan({ ...sampling, warmup: 0 }, noReplicas).warmupBetasQ.length, 0);
});

test('a tempered plan cools down in a quarter of its warm-up', () => {
  const flags = { pi: 0.5, chains: 2, draws: 5, thin: 3, warmup: 9, betaStart: 0.25, seed: 1 };
  const plan = runPlan({ ...flags, temper: 'auto', exchangeEvery: 2 }, (betaMin) => 7 + betaMin);
  assert.deepEqual([...plan.warmupBetasQ], [16384, 65536, ...new Array<number>(7).fill(65536)]);
  assert.deepEqual(plan.tempering, { replicas: 7, betaMinQ: 0, exchangeEvery: 2, annealSweeps: 2 });
  const asked = runPlan({ ...flags, temper: 4, betaMin: 0.5 }, () => 9);
  assert.deepEqual(asked.tempering, { replicas: 4, betaMinQ: 32768, exchangeEvery: 1, annealSweeps: 2 });
  assert.throws(() => runPlan({ ...flags, betaMin: 0.5 }, () => 9), { message: '--beta-min needs --temper' });
  assert.throws(() => runPlan({ ...flags, exchangeEvery: 2 }, () => 9), {
    message: '--exchange-every needs --temper',
  });
});

test('a warm-up is kept where asked for, and must then have a draw to keep', () => {
  const sampling = { pi: 0.5, chains: 2, draws: 5, thin: 3, warmup: 3, betaStart: 0.25, seed: 1 };
  assert.equal(warmupDraws(runPlan(sampling, noReplicas)), 0);
  assert.equal(warmupDraws(runPlan({ ...sampling, saveWarmup: true }, noReplicas)), 1);
  assert.throws(() => runPlan({ ...sampling, warmup: 2, saveWarmup: true }, noReplicas), {
    message: '--save-warmup needs --warmup of at least --thin (3) sweeps, got 2',
  });
});

test('the default folder tells the data and the time', () => {
  assert.equal(defaultOut('mnist', new Date('2026-03-04T05:06:07.890Z')), 'runs/mnist-20260304-050607');
});

test('output flags must not contradict each other', () => {
  checkOutput({ out: 'x', resume: true });
  checkOutput({ force: true });
  assert.throws(() => checkOutput({ resume: true }), { message: /^--resume needs --out/ });
  assert.throws(() => checkOutput({ out: 'x', resume: true, force: true }), {
    message: /^give either --resume or --force/,
  });
});

test('the command that goes on with a run names its folder and asks to resume', () => {
  assert.equal(
    resumeCommand(['run', 'mnist', '--draws', '9', '--force'], 'runs/mnist-1'),
    'npx bitgibbs run mnist --draws 9 --out runs/mnist-1 --resume',
  );
  assert.equal(
    resumeCommand(['serial', "it's.csv", '--out=a b', '--resume'], 'a b'),
    "npx bitgibbs serial 'it'\\''s.csv' '--out=a b' --resume",
  );
});
