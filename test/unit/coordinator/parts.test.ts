import assert from 'node:assert/strict';
import test from 'node:test';
import type { Walk, Walked } from '../../../src/coordinator/brain/messages.js';
import { DrawFeed } from '../../../src/coordinator/draw-feed.js';
import { Pacer } from '../../../src/coordinator/pacer.js';
import { RoundClock } from '../../../src/coordinator/round-clock.js';
import { Shards } from '../../../src/coordinator/shards.js';
import { Speed } from '../../../src/coordinator/speed.js';
import { buildModel } from '../../../src/posterior/model.js';
import { litFeatures, packRows } from '../../../src/posterior/rows.js';
import { ruleOf } from '../../support/tiny-models.js';

function walk(epoch: number, round: number, sweeps: number, worker = 1): Walk {
  const betasQ = new Int32Array(sweeps).fill(65536);
  const solo = { kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ, reportAfter: [] } as const;
  const numbers = { sweep: 0, betaQ: 1, settleAt: -1, from: 0, to: 4 };
  const window = {
    kind: 'window',
    slot: 0,
    chain: 0,
    ...numbers,
    guess: new Uint8Array(1),
    report: false,
  } as const;
  return { type: 'walk', worker, epoch, round, jobs: [sweeps > 0 ? solo : window] };
}

function walked(epoch: number, round: number, worker = 1): Walked {
  return { type: 'walked', worker, epoch, round, results: [] };
}

test('speed looks back a few seconds', () => {
  const speed = new Speed();
  assert.equal(speed.perSecond, 0);
  speed.note(0, 100);
  assert.equal(speed.perSecond, 0);
  speed.note(2000, 140);
  assert.equal(speed.perSecond, 20);
  for (let at = 3000; at <= 20_000; at += 1000) speed.note(at, 140 + (at - 2000) / 10);
  assert.equal(speed.perSecond, 100);
});

test('a round ends with the last answer of its workers', () => {
  const seconds: number[] = [];
  const clock = new RoundClock((value) => seconds.push(value));
  clock.asked(walk(1, 1, 0, 1), 1000);
  clock.asked(walk(1, 1, 0, 2), 1001);
  clock.asked(walk(2, 1, 0, 1), 1002);
  clock.answered(walked(1, 1, 1), 1500);
  clock.answered(walked(1, 7, 2), 1600);
  assert.deepEqual(seconds, []);
  clock.answered(walked(1, 1, 2), 2000);
  assert.deepEqual(seconds, [1]);
  clock.answered(walked(1, 1, 2), 2500);
  clock.reset();
  clock.answered(walked(2, 1, 1), 3000);
  clock.asked(walk(3, 1, 5), 3000);
  clock.answered(walked(3, 1), 4000);
  assert.deepEqual(seconds, [1]);
});

test('the pace follows the speed of workers, and is left alone while it fits', () => {
  const pacer = new Pacer();
  pacer.asked(walk(1, 1, 1), 0);
  assert.deepEqual(pacer.answered(walked(1, 1), 25), { type: 'pace', soloSweepsPerJob: 10 });
  pacer.asked(walk(1, 2, 10), 100);
  assert.equal(pacer.answered(walked(1, 2), 100 + 270), undefined);
  for (let round = 3; round < 20; round++) {
    pacer.asked(walk(1, round, 10), 0);
    const pace = pacer.answered(walked(1, round), 10_000);
    assert.ok(pace === undefined || pace.soloSweepsPerJob < 10);
  }
  pacer.asked(walk(1, 20, 1), 0);
  pacer.reset();
  assert.equal(pacer.answered(walked(1, 20), 1), undefined);
});

test('shards tell their rows, weights and lit features', () => {
  const rows = packRows([1, 0, 0, 1, 0, 0, 0, 1, 0, 0], 2, [0, 1, 0, 1, 0], [3, 1, 4, 1, 5]);
  const shards = new Shards(rows, [
    [0, 2],
    [1, 3, 4],
  ]);
  assert.deepEqual(
    shards.infos.map(({ rows: count, weight, lit }) => [count, weight, ...lit]),
    [
      [2, 7, 1, 0],
      [3, 7, 0, 1],
    ],
  );
  assert.deepEqual([...shards.rows(1).weights], [1, 1, 5]);
  const rule = ruleOf(buildModel({ features: 2, classes: 2, lit: litFeatures(rows) }), 1);
  const { shardBytes, slotBytes } = shards.memory(rule, false);
  assert.ok(shardBytes(1) > 0 && slotBytes([0, 1]) > slotBytes([0]));
  // Both features of shard 1's 3 rows as float32, and 8 bytes a row more.
  assert.equal(shards.memory(rule, true).shardBytes(1) - shardBytes(1), 3 * (4 * 2 + 8));
});

test('readers of draws are woken by growth, by the end, and when they are gone', async () => {
  const feed = new DrawFeed();
  const here = new AbortController().signal;
  const gone = new AbortController();
  const woken = Promise.all([feed.changed(here), feed.changed(here)]);
  feed.grown();
  await woken;
  const left = feed.changed(gone.signal);
  gone.abort();
  await left;
  await feed.changed(gone.signal);
  const last = feed.changed(here);
  assert.equal(feed.ended, undefined);
  feed.end('stopped');
  await last;
  assert.equal(feed.ended, 'stopped');
  await feed.changed(here);
});
