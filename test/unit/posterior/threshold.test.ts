import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NAT_Q } from '../../../src/posterior/grid.js';
import { Domain, uniform53 } from '../../../src/posterior/stream.js';
import { ALWAYS_Q, BETA_ONE_Q, logit53, NEVER_Q, thresholdQ } from '../../../src/posterior/threshold.js';
import { takenShare } from '../../support/acceptance.js';

const TOP = 2 ** 53 - 1;
const HALF = 2 ** 52;

/** Uniform integers of all sizes, near 0, 1/2 and 1 too. */
function* bitsToTry(): Generator<number> {
  for (let power = 0; power < 53; power++) {
    for (const bits of [
      2 ** power,
      2 ** power + 1,
      2 ** 53 - 2 ** power,
      HALF + 2 ** power - 1,
      HALF - 2 ** power,
    ]) {
      if (bits > 0 && bits <= TOP) yield bits;
    }
  }
  for (let i = 0; i < 20_000; i++) yield Math.max(1, uniform53(8, i, 0, 0, Domain.accept));
}

/** logit by the library's logarithms, in the form that keeps its digits near one half. */
function logitByLibrary(bits: number): number {
  const excess = bits - HALF;
  if (Math.abs(excess) < 2 ** 50) return Math.log1p((2 * excess) / (2 ** 53 - bits));
  return Math.log(bits) - Math.log(2 ** 53 - bits);
}

describe('logit53', () => {
  it('is the logit to 2e-14, and to a relative 1e-14 near one half', () => {
    for (const bits of bitsToTry()) {
      const error = Math.abs(logit53(bits) - logitByLibrary(bits));
      assert.ok(error < 2e-14, `${bits}: ${error}`);
      if (Math.abs(bits - HALF) < 2 ** 50) {
        assert.ok(error <= 1e-14 * Math.abs(logitByLibrary(bits)), `${bits}: relative ${error}`);
      }
    }
  });

  it('turns its sign exactly with the uniform, so that moves are reversible', () => {
    for (const bits of bitsToTry()) assert.equal(logit53(2 ** 53 - bits), bits === HALF ? 0 : -logit53(bits));
  });

  it('takes bits 0 as one half', () => {
    assert.ok(Math.abs(logit53(0) - Math.log(0.5 / 2 ** 53)) < 2e-14);
    assert.ok(logit53(0) < logit53(1));
  });

  it('rises with the uniform', () => {
    const sorted = [...new Set([0, ...bitsToTry()])].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++)
      assert.ok(logit53(sorted[i]!) >= logit53(sorted[i - 1]!), `${sorted[i]}`);
  });
});

describe('thresholdQ', () => {
  it('is the smallest delta with beta delta + prior >= 4096 logit(u)', () => {
    for (const betaQ of [20, 300, 7864, 40_000, BETA_ONE_Q]) {
      for (const priorQ of [0, -5678, 5678]) {
        for (let i = 0; i < 500; i++) {
          const bits = uniform53(2, i, 0, 0, Domain.accept);
          const threshold = thresholdQ(bits, priorQ, betaQ);
          const needQ = NAT_Q * logit53(bits) - priorQ;
          assert.ok(Number.isInteger(threshold));
          // The quotient is rounded: a delta may miss the exact bound by a part in 2^50.
          const slack = 1e-12 * Math.abs(needQ);
          assert.ok((threshold * betaQ) / BETA_ONE_Q >= needQ - slack);
          assert.ok(((threshold - 1) * betaQ) / BETA_ONE_Q < needQ + slack);
        }
      }
    }
  });

  it('is saturated to int32 where no delta can matter', () => {
    assert.equal(thresholdQ(0, 0, 1), ALWAYS_Q);
    assert.equal(thresholdQ(TOP, 0, 1), NEVER_Q);
    assert.equal(thresholdQ(TOP, -(2 ** 31), BETA_ONE_Q), NEVER_Q);
    assert.equal(thresholdQ(0, 2 ** 31 - 1, BETA_ONE_Q), ALWAYS_Q);
  });

  it('at beta 0 looks at the prior alone', () => {
    for (const [priorQ, share] of [
      [0, 0.5],
      [-5678, 1 / (1 + Math.exp(5678 / NAT_Q))],
    ] as const) {
      assert.ok(Math.abs(takenShare((bits) => thresholdQ(bits, priorQ, 0) === ALWAYS_Q) - share) < 1e-14);
    }
    assert.equal(thresholdQ(TOP, 0, 0), NEVER_Q);
  });

  it('is never the negative zero', () => {
    assert.equal(Object.is(thresholdQ(HALF - 1, 0, BETA_ONE_Q), 0), true);
  });

  it('takes a delta with the probability of the Gibbs draw', () => {
    for (const betaQ of [5000, BETA_ONE_Q]) {
      for (const priorQ of [0, -5678]) {
        for (const deltaQ of [-60_000, -4096, -1, 0, 1, 333, 20_000]) {
          const share = takenShare((bits) => deltaQ >= thresholdQ(bits, priorQ, betaQ));
          const logOdds = ((betaQ / BETA_ONE_Q) * deltaQ + priorQ) / NAT_Q;
          const sure = 1 / (1 + Math.exp(-logOdds));
          assert.ok(
            Math.abs(share - sure) < 1e-14,
            `${deltaQ}, ${priorQ}, ${betaQ}: ${share} against ${sure}`,
          );
        }
      }
    }
  });
});
