import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chances, GuessKind } from '../../../src/coordinator/brain/chances.js';

test('before anything is learned the prediction is believed', () => {
  const chances = new Chances();
  for (const distanceQ of [0, 1, 100, 1e9]) {
    const above = chances.classOf(GuessKind.flip, distanceQ);
    assert.equal(chances.guess(above), 1);
    assert.equal(chances.guess(chances.classOf(GuessKind.flip, -distanceQ - 1)), 0);
    assert(chances.risk(above) < 0.05);
  }
});

test('the likelier decision is guessed once a class of predictions proves wrong', () => {
  const chances = new Chances();
  const wrong = chances.classOf(GuessKind.sumSwap, 700);
  for (let i = 0; i < 20; i++) chances.learn(wrong, 0);
  assert.equal(chances.guess(wrong), 0);
  assert(chances.risk(wrong) < 0.15);
  assert.equal(chances.guess(chances.classOf(GuessKind.swap, 700)), 1, 'another kind learns apart');
  assert.equal(chances.guess(chances.classOf(GuessKind.sumSwap, 70_000)), 1, 'another distance, too');
});

test('the risk is the share of the rarer decision, and follows a change', () => {
  const chances = new Chances();
  const it = chances.classOf(GuessKind.mixed, -3000);
  for (let i = 0; i < 4000; i++) chances.learn(it, i % 4 === 0 ? 1 : 0);
  assert(Math.abs(chances.risk(it) - 0.25) < 0.01);
  for (let i = 0; i < 20_000; i++) chances.learn(it, 1);
  assert.equal(chances.guess(it), 1);
  assert(chances.risk(it) < 0.01);
});

test('distances are told apart by sign and half octave', () => {
  const chances = new Chances();
  const of = (distanceQ: number): number => chances.classOf(GuessKind.flip, distanceQ);
  assert.notEqual(of(5), of(-5));
  assert.notEqual(of(64), of(127));
  assert.notEqual(of(64), of(110));
  assert.equal(of(1100), of(1400));
  assert(of(2 ** 31 - 1) < 128, 'the largest distance has a class of its kind');
});
