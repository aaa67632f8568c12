import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  buildModel,
  InputError,
  logOddsQ,
  logPosterior,
  logPriorOfZeros,
  MAX_FEATURES,
  MAX_LIT_PER_ROW,
  MAX_SHARD_WEIGHT,
  MAX_TOTAL_WEIGHT,
  priorSumQ,
  type ModelSpec,
} from '../../../src/posterior/model.js';
import { NAT_Q } from '../../../src/posterior/grid.js';
import { NEVER_Q } from '../../../src/posterior/threshold.js';

const LIT = Uint8Array.of(1, 1, 0);
const SPEC: ModelSpec = { features: 3, classes: 2, lit: LIT };

describe('buildModel', () => {
  it('has fair bits, no pinned class and a 1 x D grid unless told otherwise', () => {
    const model = buildModel(SPEC);
    assert.deepEqual(model.priorQ, new Int32Array(6));
    assert.equal(model.pinned, false);
    assert.deepEqual(model.grid, { rows: 1, columns: 3 });
  });

  it('takes one pi, one a class or one a weight', () => {
    const [a, b] = [logOddsQ(0.2), logOddsQ(0.9)];
    assert.deepEqual([...buildModel({ ...SPEC, pi: 0.2 }).priorQ], [a, a, a, a, a, a]);
    assert.deepEqual([...buildModel({ ...SPEC, pi: [0.2, 0.9] }).priorQ], [a, b, a, b, a, b]);
    const each = [0.2, 0.2, 0.9, 0.9, 0.2, 0.9];
    assert.deepEqual([...buildModel({ ...SPEC, pi: each }).priorQ], [a, a, b, b, a, b]);
  });

  const refused: readonly (readonly [string, Partial<ModelSpec>, RegExp])[] = [
    ['no features', { features: 0 }, /features must be a whole number from 1/],
    ['too many features', { features: MAX_FEATURES + 1 }, /features/],
    ['one class', { classes: 1 }, /classes must be a whole number from 2 to 32, got 1/],
    ['33 classes', { classes: 33 }, /classes/],
    ['half a class', { classes: 2.5 }, /classes/],
    ['a grid of another size', { grid: { rows: 2, columns: 2 } }, /grid 2x2 must hold 3/],
    ['a grid of broken rows', { grid: { rows: 1.5, columns: 2 } }, /grid rows/],
    ['lit of another length', { lit: new Uint8Array(2) }, /lit must have 3 entries, got 2/],
    ['lit with other values', { lit: Uint8Array.of(1, 255, 0) }, /lit must hold only 0 and 1/],
    ['pi 0', { pi: 0 }, /strictly between 0 and 1, got 0/],
    ['pi 1', { pi: 1 }, /strictly between/],
    ['pi not a number', { pi: Number.NaN }, /strictly between/],
    ['pi of a wrong length', { pi: [0.5, 0.5, 0.5] }, /one a class/],
  ];
  for (const [what, change, message] of refused) {
    it(`refuses ${what} in one line`, () => {
      assert.throws(
        () => buildModel({ ...SPEC, ...change }),
        (error) =>
          error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
      );
    });
  }
});

describe('the log prior', () => {
  const model = buildModel({ ...SPEC, pi: [0.2, 0.9] });

  it('in nat is the sum of ln pi and ln (1 - pi), to the rounding of the log-odds', () => {
    const w = Uint8Array.of(1, 1, 0, 1, 1, 0);
    const exact = Array.from(w, (bit, i) => {
      const pi = i % 2 === 0 ? 0.2 : 0.9;
      return Math.log(bit ? pi : 1 - pi);
    }).reduce((a, b) => a + b);
    const got = priorSumQ(model, w) / NAT_Q + logPriorOfZeros(model);
    assert.ok(Math.abs(got - exact) < (6 * 0.5) / NAT_Q);
    assert.equal(logPosterior(model, w, -4096), got - 1);
  });

  it('leaves out a pinned class', () => {
    const pinned = buildModel({ ...SPEC, pinned: true });
    assert.ok(Math.abs(logPriorOfZeros(pinned) - 3 * Math.log(0.5)) < 1e-12);
  });
});

describe('the ranges', () => {
  it('keep partial deltas in int32, totals below NEVER_Q and logits in int16', () => {
    assert.ok(MAX_SHARD_WEIGHT * NAT_Q < 2 ** 31);
    assert.ok(MAX_TOTAL_WEIGHT * NAT_Q < NEVER_Q);
    assert.ok(MAX_LIT_PER_ROW + 1 <= 32767);
  });
});
