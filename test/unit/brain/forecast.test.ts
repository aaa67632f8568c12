import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chooseShards,
  sweepsPerSecond,
  type ChooseShardsInput,
} from '../../../src/coordinator/placement/choose-shards.js';
import { forecastSweep } from '../../../src/coordinator/placement/forecast.js';
import { summarizePlacement } from '../../../src/coordinator/placement/summary.js';
import { placeRows } from '../../../src/coordinator/placement.js';
import { InputError } from '../../../src/posterior/model.js';
import { packRows } from '../../../src/posterior/rows.js';
import { planSweep, neighbourPairs } from '../../../src/sampler/sites.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

const { model, rows } = tinyModel({
  ...{ features: 16, classes: 3, rows: 200, seed: 2, grid: { rows: 4, columns: 4 } },
  litChance: [0, 0.02, 0.02, 0.5, 0.03, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
});
const rule = ruleOf(model, 1);

test('each move of a sweep is private, shared, mixed, or a draw from the prior', () => {
  const summary = summarizePlacement(rule, rows, placeRows(rows, 3));
  const pairs = neighbourPairs(model);
  const { sites } = planSweep(model, pairs, rule.moves, 1, 0);
  const { shards, sharedFlips, sharedSwaps, mixedSwaps, sharedFeatures, unlitFeatures } = summary;
  const sum = (of: (shard: (typeof shards)[number]) => number): number =>
    shards.reduce((total, shard) => total + of(shard), 0);
  const swaps = sites.filter((site) => site >= 16 * 3 + 16).length;
  assert.equal(sum((shard) => shard.privateSwaps) + sharedSwaps + mixedSwaps, swaps);
  assert.equal(sum((shard) => shard.privateFlips) + sharedFlips + 3 * unlitFeatures, 48);
  assert.equal(sum((shard) => shard.privateFeatures) + sharedFeatures + unlitFeatures, 16);
  assert.equal(
    sum((shard) => shard.rows),
    200,
  );
  assert.deepEqual([unlitFeatures, shards[0]!.privateFeatures], [1, 3]);
  assert(summary.balance < 1.05);
  assert(summary.privateBelow > 10 && summary.privateBelow < 200);
});

test('one shard shares nothing', () => {
  const summary = summarizePlacement(rule, rows, placeRows(rows, 1));
  assert.deepEqual([summary.sharedFlips, summary.sharedSwaps, summary.mixedSwaps], [0, 0, 0]);
  assert.equal(summary.privateBelow, 201);
  const nothing = { wrongGuesses: 0, rounds: 0, work: 1, bytesToMembers: 0, bytesFromMembers: 0 };
  assert.deepEqual(forecastSweep(summary, 8), nothing);
});

test('without swaps none is counted', () => {
  const flips = { ...rule, moves: { rows: true, swaps: false } };
  const summary = summarizePlacement(flips, rows, placeRows(rows, 2));
  assert.deepEqual([summary.sharedSwaps, summary.mixedSwaps, summary.shards[0]!.privateSwaps], [0, 0, 0]);
});

test('rows that light nothing are even work', () => {
  const dark = packRows(new Uint8Array(32), 16, [0, 1]);
  assert.equal(summarizePlacement(rule, dark, [[0], [1]]).balance, 1);
});

test('chains that share rounds get shorter windows: more rounds, less work undone', () => {
  const summary = summarizePlacement(rule, rows, placeRows(rows, 2));
  const [few, many] = [forecastSweep(summary, 1), forecastSweep(summary, 32)];
  assert(many.rounds > few.rounds && many.work < few.work);
  assert(few.bytesFromMembers > few.bytesToMembers);
});

/** Full MNIST, roughly. */
function mnist(changes: Partial<ChooseShardsInput>): ChooseShardsInput {
  return {
    workers: Array.from({ length: 4 }, () => ({ threads: 2, memoryBytes: 1e9 })),
    chains: 8,
    dataBytes: (S) => 60e6 / S,
    slotBytes: (S) => 4e6 / S,
    sweepMs: () => 60,
    forecast: () => ({ rounds: 400, work: 1.35 }),
    roundMs: () => 0.5,
    windowMs: 0.1,
    ...changes,
  };
}

test('chains that can fill all threads are not spread', () => {
  const choice = chooseShards(mnist({}));
  assert.deepEqual([choice.spread, /fill 8 threads/.test(choice.why)], [1, true]);
});

test('data that fit no worker are spread over as few as can hold them', () => {
  const workers = Array.from({ length: 4 }, () => ({ threads: 2, memoryBytes: 40e6 }));
  assert.equal(chooseShards(mnist({ workers })).spread, 2);
  const small = workers.map((worker) => ({ ...worker, memoryBytes: 10e6 }));
  assert.throws(() => chooseShards(mnist({ workers: small })), InputError);
});

test('a lone chain is spread only where its sweeps are long against its rounds', () => {
  assert.equal(chooseShards(mnist({ chains: 1 })).spread, 1);
  const long = chooseShards(mnist({ chains: 1, sweepMs: () => 2000 }));
  assert.equal(long.spread, 4);
  assert.match(long.why, /1 chains are expected to walk/);
});

test('speed is bound by threads when many chains share rounds, by rounds when few do', () => {
  const few = sweepsPerSecond(mnist({ chains: 1 }), 4);
  const many = sweepsPerSecond(mnist({ chains: 256 }), 4);
  assert(Math.abs(few - 1000 / ((60 * 1.35) / 4 + 400 * (0.1 + 0.5))) < 1e-9);
  assert(Math.abs(many - (1000 * 8) / (60 * 1.35 + 4 * 400 * 0.1)) < 1e-9);
});
