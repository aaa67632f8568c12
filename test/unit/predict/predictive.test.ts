import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRows } from '../../../src/posterior/rows.js';
import { uniform53 } from '../../../src/posterior/stream.js';
import { plainLogits } from '../../../src/predict/logits.js';
import { Predictive } from '../../../src/predict/predictive.js';
import { startPredictive } from '../../../src/predict/service.js';
import { tfjsLogits } from '../../../src/predict/tfjs-logits.js';
import { testNative } from '../../support/native.js';

const random = (length: number, seed: number, below: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.floor((uniform53(seed, i, 0, 0, 9) / 2 ** 53) * below));

const features = 37;
const classes = 3;
const count = 50;
const dense = random(count * features, 1, 2);
const rows = packRows(dense, features, random(count, 2, classes));
const draws = [3, 4, 5, 6].map((seed) => random(features * classes, seed, 2));

function logitsByHand(w: Uint8Array): number[] {
  return Array.from({ length: count * classes }, (_, i) => {
    const n = Math.floor(i / classes);
    let sum = 0;
    for (let j = 0; j < features; j++) sum += dense[n * features + j]! * w[j * classes + (i % classes)]!;
    return sum;
  });
}

function probabilitiesByHand(w: Uint8Array): number[] {
  const z = logitsByHand(w);
  return z.map((value, i) => {
    const start = i - (i % classes);
    const total = z.slice(start, start + classes).reduce((sum, other) => sum + Math.exp(other), 0);
    return Math.exp(value) / total;
  });
}

test('plain logits are the sums of the lit features weights', () => {
  const source = plainLogits(rows, classes);
  for (const w of draws) assert.deepEqual([...(source.logits(w) as Int32Array)], logitsByHand(w));
});

test('plain logits of many classes, also where a row lights every feature', () => {
  for (const [wide, many] of [
    [511, 10],
    [512, 10],
    [37, 32],
  ] as const) {
    const full = packRows(new Uint8Array(2 * wide).fill(1, wide), wide, [0, 1]);
    const w = random(wide * many, 7, 2).fill(1, 0, many);
    for (let j = 0; j < wide; j++) w[j * many + 1] = 1;
    const sums = Array.from({ length: many }, (_, k) =>
      w.reduce((sum, bit, i) => sum + (i % many === k ? bit : 0), 0),
    );
    assert.equal(sums[1], wide);
    const found = [...(plainLogits(full, many).logits(w) as Int32Array)];
    assert.deepEqual(found, [...new Array<number>(many).fill(0), ...sums]);
  }
});

testNative('tfjs gives the same integers', (tf) => {
  const source = tfjsLogits(tf, rows, classes);
  for (const w of draws) assert.deepEqual(Array.from(source.logits(w)), logitsByHand(w));
});

test('probabilities are averaged over draws, by chain and over all chains', () => {
  const predictive = new Predictive(rows, classes, 3, plainLogits(rows, classes));
  assert.deepEqual(predictive.report(), { byChain: [undefined, undefined, undefined] });
  draws.forEach((w, i) => predictive.add(i < 3 ? 0 : 1, w));
  const { byChain, averaged } = predictive.report();
  const tables = draws.map(probabilitiesByHand);
  const check = (score: typeof averaged, used: number[][]): void => {
    const mean = used[0]!.map((_, i) => used.reduce((sum, table) => sum + table[i]!, 0) / used.length);
    let right = 0;
    let logScore = 0;
    for (let n = 0; n < count; n++) {
      const own = mean.slice(n * classes, (n + 1) * classes);
      if (own.indexOf(Math.max(...own)) === rows.labels[n]) right++;
      logScore += Math.log(own[rows.labels[n]!]!) / count;
    }
    assert.equal(score?.draws, used.length);
    assert.equal(score?.accuracy, right / count);
    assert.ok(Math.abs(score!.logScore - logScore) < 1e-12);
  };
  check(byChain[0], tables.slice(0, 3));
  check(byChain[1], tables.slice(3));
  assert.equal(byChain[2], undefined);
  check(averaged, tables);
});

test('a row counts by its weight', () => {
  const two = packRows([1, 0], 1, [0, 0], [3, 1]);
  const predictive = new Predictive(two, 2, 1, plainLogits(two, 2));
  predictive.add(0, Uint8Array.from([0, 1]));
  const { averaged } = predictive.report();
  assert.equal(averaged?.accuracy, 1 / 4);
  const expected = (3 * Math.log(1 / (1 + Math.E)) + Math.log(0.5)) / 4;
  assert.ok(Math.abs(averaged!.logScore - expected) < 1e-12);
});

test('the thread reports what the plain object reports, over all draws added before', async () => {
  const service = startPredictive(rows, classes, 2, false);
  try {
    const predictive = new Predictive(rows, classes, 2, plainLogits(rows, classes));
    draws.forEach((w, i) => {
      service.add(i % 2, w);
      predictive.add(i % 2, w);
    });
    assert.deepEqual(await service.report(), predictive.report());
  } finally {
    await service.close();
  }
});
