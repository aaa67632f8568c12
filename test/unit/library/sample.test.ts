import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, sample, type SampleOptions, type SampleProgress } from '../../../src/library/index.js';
import { DrawDigest } from '../../../src/store/digest.js';
import { sampleSerially } from '../../../src/sampler/serial.js';
import { geometricBetasQ } from '../../../src/sampler/run-plan.js';
import { ALL_MOVES } from '../../../src/sampler/sites.js';
import { temperedPlan } from '../../../src/sampler/tempering/tempering.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { allStates, exactPosterior } from '../../support/enumeration.js';
import { testNative } from '../../support/native.js';
import { tinyModel } from '../../support/tiny-models.js';

const { model, rows } = tinyModel({
  features: 9,
  classes: 3,
  rows: 40,
  seed: 4,
  grid: { rows: 3, columns: 3 },
});
const x = Array.from({ length: rows.count }, (_, n) =>
  Array.from({ length: 9 }, (_, j) => (rows.bits[2 * n + (j >> 3)]! >> (j & 7)) & 1),
);
const base: SampleOptions = {
  ...{ x, y: rows.labels, classes: 3, grid: { rows: 3, columns: 3 } },
  ...{ chains: 2, draws: 30, warmup: 10, seed: 5 },
};

test('draws are the serial sampler’s, with features as rows or as one flat array', async () => {
  const digest = new DrawDigest({ features: 9, classes: 3, chains: 2 });
  const rule = { model, moves: ALL_MOVES, seed: 5 };
  const plan = { chains: 2, draws: 30, thin: 1, warmupBetasQ: geometricBetasQ(10) };
  for (const event of sampleSerially({ kernel: WasmKernel.alone(rule), rule, plan, shards: [rows] })) {
    if (event.kind === 'draw') digest.add(event);
  }
  const result = await sample(base);
  assert.equal(await result.digest(), digest.hex());
  const flat = await sample({ ...base, x: Uint8Array.from(x.flat()), features: 9 });
  assert.equal(await flat.digest(), digest.hex());
});

test('draws come in order, and the summary is of them', async () => {
  const result = await sample(base);
  const draws = [];
  for await (const draw of result) draws.push(draw);
  assert.deepEqual(
    draws.map(({ chain, draw }) => [draw, chain]),
    Array.from({ length: 60 }, (_, i) => [Math.floor(i / 2), i % 2]),
  );
  const summary = await result.summary();
  const mean = draws.reduce((sum, { lp }) => sum + lp, 0) / 60;
  assert(Math.abs(summary.lp.mean - mean) < 1e-9);
  const means = await result.means();
  assert.equal(means[4], draws.reduce((sum, { w }) => sum + w[4]!, 0) / 60);
});

test('a pinned model with a prior a weight has the enumerated marginals', async () => {
  const pi = Array.from({ length: 12 }, (_, i) => 0.2 + 0.05 * i);
  const small = tinyModel({ features: 6, classes: 2, rows: 25, seed: 8, pinned: true });
  const bits = Array.from({ length: 25 }, (_, n) =>
    Array.from({ length: 6 }, (_, j) => (small.rows.bits[n]! >> j) & 1),
  );
  const options = { x: bits, y: small.rows.labels, pinned: true, pi, draws: 20_000, chains: 2 };
  const means = await (await sample(options)).means();
  const { probabilities } = exactPosterior(small.model, small.rows, (i) => pi[i]!);
  const states = allStates(small.model);
  for (let i = 1; i < 12; i += 2) {
    const exact = states.reduce((sum, w, s) => sum + (w[i] ? probabilities[s]! : 0), 0);
    assert(Math.abs(means[i]! - exact) < 0.02, `weight ${i}: ${means[i]}, must be ${exact}`);
  }
});

test('progress is told, and an aborted signal ends sampling with its reason', async () => {
  const seen: SampleProgress[] = [];
  await sample({ ...base, onProgress: (progress) => seen.push(progress) });
  assert.equal(seen.length, 2 * 40);
  assert.deepEqual(
    [seen[0]!.phase, seen.at(-1)!.phase, seen.at(-1)!.sweep, seen.at(-1)!.beta],
    [...['warm-up', 'sampling'], ...[40, 1]],
  );
  const controller = new AbortController();
  const onProgress = ({ sweep }: SampleProgress): void => {
    if (sweep === 15) controller.abort(new Error('enough'));
  };
  await assert.rejects(sample({ ...base, onProgress, signal: controller.signal }), /^Error: enough$/);
});

test('input that can’t be used is refused in a line that names it', async () => {
  const cases: [Partial<SampleOptions>, RegExp][] = [
    [{ x: [[0, 2, 1]], y: [0] }, /^x\[0\]\[1\] must be 0 or 1, got 2$/],
    [{ x: [[0, 1], [1]], y: [0, 1] }, /^x\[1\] must have 2 features like the first row, got 1$/],
    [{ x: [] }, /^x must hold at least one row$/],
    [{ x: new Uint8Array(4) }, /^features must be given where x is one flat array$/],
    [{ x: new Uint8Array(5), features: 2 }, /^x must hold whole rows of 2 features, got 5 numbers$/],
    [{ y: [0] }, /^y must have 40 labels, one a row of x, got 1$/],
    [{ y: new Array<number>(40).fill(0.5) }, /^y\[0\] must be a whole number from 0 to 31, got 0\.5$/],
    [{ rowWeights: [1] }, /^rowWeights must have 40 numbers/],
    [{ classes: 33 }, /^classes must be a whole number from 2 to 32, got 33$/],
    [{ pi: 1 }, /^prior pi must lie strictly between 0 and 1, got 1$/],
    [{ draws: 0 }, /^draws must be a whole number from 1/],
    [{ betaStart: 2 }, /^beta start must lie in \(0, 1\], got 2$/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(sample({ ...base, ...change }), (error) => {
      assert(error instanceof InputError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

testNative('the tfjs kernel gives the same draws', async () => {
  const [wasm, tfjs] = [await sample(base), await sample({ ...base, kernel: 'tfjs' })];
  assert.equal(await tfjs.digest(), await wasm.digest());
});

test('tempered chains are the serial sampler’s too', async () => {
  const tempering = { replicas: 3, betaMin: 0.1, exchangeEvery: 2 };
  const digest = new DrawDigest({ features: 9, classes: 3, chains: 2 });
  const rule = { model, moves: ALL_MOVES, seed: 5 };
  const plan = temperedPlan({ chains: 2, draws: 30, thin: 1 }, { sweeps: 10 }, tempering);
  for (const event of sampleSerially({ kernel: WasmKernel.alone(rule), rule, plan, shards: [rows] })) {
    if (event.kind === 'draw') digest.add(event);
  }
  const result = await sample({ ...base, tempering });
  assert.equal(await result.digest(), digest.hex());
  assert.notEqual(await result.digest(), await (await sample(base)).digest());
  await assert.rejects(sample({ ...base, tempering: { replicas: 1 } }), {
    message: /^replicas must be a whole number from 2 to 1024, got 1$/,
  });
});
