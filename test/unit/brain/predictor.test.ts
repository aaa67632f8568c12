import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Predictor } from '../../../src/coordinator/brain/predictor.js';

const SWAP = 12;

/** Two features of three classes; flips are sites 0 to 5, swaps begin at site 12. */
function predictor(totalsQ: readonly number[], w: Uint8Array): Predictor {
  const made = new Predictor({ features: 2, classes: 3, firstSwap: SWAP, swaps: 3 });
  made.startFrom(totalsQ, w);
  return made;
}

test('a flip costs what it cost last, with the sign of its direction', () => {
  const w = Uint8Array.of(0, 1, 0, 0, 0, 1);
  const it = predictor([10, 20, 30, 40, 50, 60], w);
  assert.equal(it.flipQ(0, 0, 1), 10);
  assert.equal(it.flipQ(0, 1, 1), -10);
  assert.equal(it.flipQ(1, 1, 0), 20);
  assert.equal(it.flipQ(1, 0, 0), -20);
  it.seeFlip(1, 0, 0, 0, -25);
  assert.equal(it.flipQ(1, 1, 0), 25);
});

test('what the other bits of a feature do to a flip is learned', () => {
  const w = Uint8Array.of(0, 1, 0, 0, 0, 1);
  const it = predictor([0, 0, 0, 100, 200, 300], w);
  assert.equal(it.others(w, 3), 1);
  assert.equal(it.others(w, 5), 0);
  it.seeFlip(3, 0, 0, 2, 107);
  it.seeFlip(3, 1, 0, 1, 100);
  assert.equal(it.flipQ(4, 0, 2), 207, 'one class teaches the others of its feature');
  assert.equal(it.flipQ(4, 0, 1), 200);
  assert.equal(it.flipQ(0, 0, 2), 0, 'not those of another feature');
});

test('a swap costs what it cost before in its direction, else the sum of its flips', () => {
  const w = Uint8Array.of(1, 0, 0, 0, 0, 0);
  const it = predictor([-5, 0, 0, 8, 0, 0], w);
  assert.equal(it.hasSwap(SWAP, 1), false);
  assert.equal(it.swapQ(SWAP, 1, 1, 0, 3, w), -5 + 8);
  it.seeSwap(SWAP, 0, 1, 6, true);
  assert.equal(it.swapQ(SWAP, 1, 1, 0, 3, w), 6);
  assert.equal(it.hasSwap(SWAP, 0), false);
});

test('of a swap whose totals scatter the mean is expected, later ones count more', () => {
  const it = predictor([0, 0, 0, 0, 0, 0], new Uint8Array(6));
  for (let sweep = 0; sweep < 20; sweep++) it.seeSwap(SWAP, sweep, 1, sweep % 2 ? 1200 : 1000, true);
  const meanQ = it.swapQ(SWAP, 20, 1, 0, 3, new Uint8Array(6));
  assert(meanQ > 1100 && meanQ < 1150, `${meanQ}`);
});

test('what a swap cost in an undone part of the sweep is expected there, and leaves the mean alone', () => {
  const w = new Uint8Array(6);
  const it = predictor([0, 0, 0, 0, 0, 0], w);
  it.seeSwap(SWAP, 0, 1, 100, true);
  it.seeSwap(SWAP, 1, 1, 900, false);
  assert.equal(it.swapQ(SWAP, 1, 1, 0, 3, w), 900);
  assert.equal(it.swapQ(SWAP, 2, 1, 0, 3, w), 100);
});

test('a swap taken tells the way back and the flips of its weights', () => {
  // Two weights whose log-likelihood is a quadratic form: a for each, c for both together.
  const [a, b, c] = [50, 70, -30];
  const w = Uint8Array.of(1, 0, 0, 0, 0, 0);
  const it = predictor([-a, 0, 0, b + c, 0, 0], w);
  const totalQ = b - a;
  it.seeSwap(SWAP, 0, 1, totalQ, true);
  it.takeSwap(SWAP, 1, 0, 3, totalQ);
  const after = Uint8Array.of(0, 0, 0, 1, 0, 0);
  assert.equal(it.swapQ(SWAP, 1, 0, 0, 3, after), -totalQ);
  assert.equal(it.flipQ(0, 0, 0), a + c);
  assert.equal(it.flipQ(3, 1, 0), -b);
});

test('a total is fresh in the sweep it was seen in, that of a swap in its direction', () => {
  const it = predictor([0, 0, 0, 0, 0, 0], new Uint8Array(6));
  assert.equal(it.isFreshFlip(2, 0), false);
  it.seeFlip(2, 0, 0, 0, 1);
  it.seeSwap(SWAP + 2, 4, 0, 1, false);
  assert.equal(it.isFreshFlip(2, 0), true);
  assert.equal(it.isFreshFlip(2, 1), false);
  assert.equal(it.isFreshSwap(SWAP + 2, 4, 0), true);
  assert.equal(it.isFreshSwap(SWAP + 2, 4, 1), false);
});
