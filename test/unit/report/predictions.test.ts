import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadDataSet } from '../../../src/data/load.js';
import { packRows, type Rows } from '../../../src/posterior/rows.js';
import { plainLogits } from '../../../src/predict/logits.js';
import { Predictive } from '../../../src/predict/predictive.js';
import { calibration, guessesOf } from '../../../src/report/figures/predictions.js';
import { EvenPredictive } from '../../../src/report/even-predictive.js';
import { GroupedPredictive, type Predictions } from '../../../src/report/grouped-predictive.js';
import { findTest } from '../../../src/report/test-rows.js';
import type { RunManifest } from '../../../src/store/manifest.js';
import { uniforms } from '../../support/tiny-models.js';

const features = 9;
const classes = 3;
const next = uniforms(77);
const bits = (length: number): Uint8Array => Uint8Array.from({ length }, () => (next() < 0.5 ? 1 : 0));
const rows: Rows = packRows(
  bits(40 * features),
  features,
  Array.from({ length: 40 }, () => Math.floor(3 * next())),
);

/** Score over the given draws. */
function scoreOf(draws: readonly Uint8Array[]): { accuracy: number; logScore: number } {
  const predictive = new Predictive(rows, classes, 1, plainLogits(rows, classes));
  for (const w of draws) predictive.add(0, w);
  return predictive.report().averaged!;
}

function jackknife(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(
    ((values.length - 1) / values.length) * values.reduce((sum, v) => sum + (v - mean) ** 2, 0),
  );
}

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a} should be ${b}`);

describe('predictions of groups of draws', () => {
  function predicted(byChain: readonly (readonly Uint8Array[])[]): Predictions {
    const grouped = new GroupedPredictive(rows, classes, byChain.length);
    byChain.forEach((draws, chain) => draws.forEach((w, draw) => grouped.add(chain, draw, w)));
    return grouped.predictions()!;
  }

  test('are those over all draws, with the error of leaving out one chain after the other', () => {
    const byChain = Array.from({ length: 5 }, () =>
      Array.from({ length: 4 }, () => bits(features * classes)),
    );
    const found = predicted(byChain);
    const whole = scoreOf(byChain.flat());
    near(found.accuracy.value, whole.accuracy);
    near(found.logScore.value, whole.logScore);
    assert.equal(found.draws, 20);
    const partial = byChain.map((_, left) => scoreOf(byChain.filter((__, chain) => chain !== left).flat()));
    near(found.accuracy.error, jackknife(partial.map(({ accuracy }) => accuracy)));
    near(found.logScore.error, jackknife(partial.map(({ logScore }) => logScore)));
    for (let n = 0; n < rows.count; n++) {
      near(
        found.probabilities.subarray(n * classes, (n + 1) * classes).reduce((a, b) => a + b, 0),
        1,
      );
    }
  });

  test('leave out stretches of draws where chains are few', () => {
    for (const [length, shift] of [
      [12, 0],
      [32, 1],
      [36, 2],
    ] as const) {
      const draws = Array.from({ length }, () => bits(features * classes));
      const found = predicted([draws]);
      const partial = Array.from({ length: length >> shift }, (_, left) =>
        scoreOf(draws.filter((__, draw) => draw >> shift !== left)),
      );
      near(found.logScore.value, scoreOf(draws).logScore);
      near(found.logScore.error, jackknife(partial.map(({ logScore }) => logScore)));
    }
  });

  test('of one draw have no error, and without draws there are none', () => {
    assert.ok(Number.isNaN(predicted([[bits(features * classes)]]).accuracy.error));
    assert.equal(new GroupedPredictive(rows, classes, 2).predictions(), undefined);
  });
});

describe('predictions while draws come', () => {
  const chains = 300;
  const draws = Array.from({ length: 13 }, () =>
    Array.from({ length: chains }, () => bits(features * classes)),
  );

  test('are those of draws evenly spread, however often they were asked for', () => {
    const asked = new EvenPredictive(rows, classes, chains);
    let added = 0;
    for (const [count, kept] of [
      [3, [0, 1, 2]],
      [4, [0, 2]],
      [7, [0, 4]],
      [13, [0, 8]],
    ] as const) {
      const unasked = new EvenPredictive(rows, classes, chains);
      draws.slice(0, count).forEach((own, draw) => own.forEach((w, chain) => unasked.add(chain, draw, w)));
      for (; added < count; added++) draws[added]!.forEach((w, chain) => asked.add(chain, added, w));
      const expected = scoreOf(kept.flatMap((draw) => draws[draw]!));
      for (const found of [asked.predictions()!, unasked.predictions()!]) {
        assert.equal(found.draws, kept.length * chains);
        near(found.logScore.value, expected.logScore);
        near(found.accuracy.value, expected.accuracy);
      }
      assert.deepEqual(asked.predictions(), unasked.predictions());
    }
  });
});

test('calibration compares confidence with the share that is right, rows by weight', () => {
  const test = packRows([1, 1, 1, 1], 1, [0, 1, 1, 0], [1, 3, 1, 1]);
  const probabilities = Float64Array.of(0.9, 0.1, 0.92, 0.08, 0.3, 0.7, 0.5, 0.5);
  const unknown = { value: NaN, error: NaN };
  const predictions: Predictions = {
    ...{ test, classes: 2, draws: 1, probabilities, accuracy: unknown, logScore: unknown },
  };
  assert.deepEqual(guessesOf(predictions)[3], { row: 3, label: 0, best: 0, confidence: 0.5 });
  const [half, seven, nine, ...rest] = calibration(predictions);
  assert.deepEqual(rest, []);
  assert.deepEqual([half!.confidence, half!.share, half!.count], [0.5, 1, 1]);
  assert.deepEqual([seven!.confidence, seven!.share, seven!.count], [0.7, 1, 1]);
  near(nine!.confidence, (0.9 + 3 * 0.92) / 4);
  assert.deepEqual([nine!.share, nine!.count], [0.25, 4]);
  // Wilson's interval of 1 in 4, as R's prop.test(1, 4, correct = FALSE) has it.
  assert.ok(
    Math.abs(nine!.low - 0.04558727) < 1e-6 && Math.abs(nine!.high - 0.6993582) < 1e-6,
    JSON.stringify(nine),
  );
});

describe('the test set of a run', () => {
  async function manifest(chosen?: readonly number[], classCount?: number): Promise<RunManifest> {
    const data = await loadDataSet({ source: 'mnist56', images: 500, chosenClasses: chosen, classCount });
    return {
      data: data.name,
      settings: {
        ...{ classNames: data.classNames, images: 500, threshold: null, dataSha256: data.sha256 },
        ...{ features: 25, classes: data.classes },
      },
    } as unknown as RunManifest;
  }

  test('is found again, with its classes as they were chosen and added', async () => {
    for (const [chosen, classCount] of [
      [undefined, undefined],
      [[1, 0], undefined],
      [[0, 1], 3],
    ] as const) {
      const found = await findTest('', await manifest(chosen, classCount));
      const data = await loadDataSet({ source: 'mnist56', images: 500, chosenClasses: chosen, classCount });
      assert.ok('rows' in found, JSON.stringify(found));
      assert.deepEqual(found.rows, data.test);
    }
  });

  test('is not taken where the training rows are other ones', async () => {
    const own = await manifest();
    const other = { ...own, settings: { ...own.settings, dataSha256: '0'.repeat(64) } };
    assert.deepEqual(await findTest('', other), {
      missing: 'The data set mnist56 of this package is not the one that the run began with.',
    });
  });

  test('can not be found where the data were files', async () => {
    const found = await findTest('', { ...(await manifest()), data: 'mine' });
    assert.match('missing' in found ? found.missing : '', /^The run's data were files \(mine\); --test /);
  });
});
