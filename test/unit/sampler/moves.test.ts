import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildModel, priorSumQ, type Model } from '../../../src/posterior/model.js';
import { Domain, uniform53 } from '../../../src/posterior/stream.js';
import { BETA_ONE_Q, thresholdQ } from '../../../src/posterior/threshold.js';
import {
  acceptBits,
  acceptThresholdQ,
  applyMove,
  countMove,
  countsBetween,
  drawFromPrior,
  isOpen,
  noCounts,
  priorChange,
  sumOfCounts,
  type Proposal,
} from '../../../src/sampler/moves.js';
import { takenShare } from '../../support/acceptance.js';
import { uniforms } from '../../support/tiny-models.js';

const FEATURES = 4;

function modelOf(classes: number, pinned: boolean): Model {
  const next = uniforms(classes);
  const pi = Array.from({ length: FEATURES * classes }, () => 0.05 + 0.9 * next());
  return buildModel({ features: FEATURES, classes, pinned, pi, lit: new Uint8Array(FEATURES).fill(1) });
}

function* proposals({ classes, pinned }: Model): Generator<Proposal> {
  for (let j = 0; j < FEATURES; j++) {
    for (let k = pinned ? 1 : 0; k < classes; k++) {
      yield { kind: 'flip', j, k };
      for (let j2 = 0; j2 < FEATURES; j2++) if (j2 !== j) yield { kind: 'swap', j, j2, k };
    }
    if (!pinned) yield { kind: 'row', j };
  }
}

describe('a move', () => {
  for (const [classes, pinned] of [
    [2, false],
    [3, true],
    [5, false],
  ] as const) {
    it(`changes the log prior by what it says and is its own way back: K ${classes}${pinned ? ', pinned' : ''}`, () => {
      const model = modelOf(classes, pinned);
      const next = uniforms(classes + 10);
      const open = { flip: 0, row: 0, swap: 0 };
      for (let trial = 0; trial < 60; trial++) {
        // Extreme shares of ones make rows of equal bits.
        const share = [0.05, 0.5, 0.95][trial % 3]!;
        const w = Uint8Array.from({ length: FEATURES * classes }, (_, i) =>
          Number(next() < share && !(pinned && i % classes === 0)),
        );
        for (const move of proposals(model)) {
          if (!isOpen(model, w, move)) continue;
          open[move.kind]++;
          const after = w.slice();
          applyMove(model, after, move);
          const changeQ = priorChange(model, w, move);
          assert.equal(priorSumQ(model, after) - priorSumQ(model, w), changeQ);
          assert.ok(isOpen(model, after, move));
          assert.equal(priorChange(model, after, move) + changeQ, 0);
          applyMove(model, after, move);
          assert.deepEqual(after, w);
        }
      }
      assert.ok(open.flip > 100 && open.swap > 100 && (pinned || open.row > 50), JSON.stringify(open));
    });
  }

  it('of a row is open where its bits are equal, of a swap where they differ', () => {
    const model = modelOf(2, false);
    const w = Uint8Array.of(0, 0, 1, 1, 0, 1, 1, 0);
    const openRows = [0, 1, 2, 3].filter((j) => isOpen(model, w, { kind: 'row', j }));
    assert.deepEqual(openRows, [0, 1]);
    assert.equal(isOpen(model, w, { kind: 'swap', j: 0, j2: 1, k: 0 }), true);
    assert.equal(isOpen(model, w, { kind: 'swap', j: 1, j2: 3, k: 0 }), false);
  });

  it('is decided by the uniform of its turn', () => {
    const turn = { seed: 12, chain: 3, sweep: 5, site: 99 };
    assert.equal(acceptBits(turn), uniform53(12, 99, 5, 3, Domain.accept));
    assert.equal(acceptThresholdQ(turn, 77, 9000), thresholdQ(acceptBits(turn), 77, 9000));
  });
});

describe('a draw from the prior', () => {
  it('is 1 with probability pi, and the same at every beta', () => {
    for (const pi of [0.01, 0.2, 0.5, 0.93]) {
      const priorQ = Math.round(4096 * Math.log(pi / (1 - pi)));
      const share = takenShare((bits) => drawFromPrior(bits, priorQ) === 1);
      assert.ok(Math.abs(share - pi) < 1e-4, `${share} against ${pi}`);
      for (let i = 0; i < 200; i++) {
        const bits = uniform53(1, i, 0, 0, Domain.accept);
        for (const betaQ of [0, 1, 5000, BETA_ONE_Q]) {
          assert.equal(Number(0 >= thresholdQ(bits, priorQ, betaQ)), drawFromPrior(bits, priorQ));
        }
      }
    }
  });
});

describe('counts', () => {
  it('add up and subtract, field by field', () => {
    const counts = noCounts();
    countMove(counts, 'flip', true);
    countMove(counts, 'flip', false);
    countMove(counts, 'row', false);
    countMove(counts, 'swap', true);
    const expected = {
      flipsProposed: 2,
      flipsAccepted: 1,
      rowsProposed: 1,
      rowsAccepted: 0,
      swapsProposed: 1,
      swapsAccepted: 1,
    };
    assert.deepEqual(counts, expected);
    assert.deepEqual(countsBetween(counts, sumOfCounts(counts, expected)), expected);
  });
});
