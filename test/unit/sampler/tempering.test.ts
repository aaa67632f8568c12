/** Parallel tempering: its arithmetic, its ladder, and that chains at beta 1 have the enumerated distribution. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import {
  decodeLadderDraw,
  decodeStates,
  encodeLadderDraw,
  encodeStates,
  ladderDrawBytes,
  statesBytes,
} from '../../../src/sampler/tempering/codec.js';
import { expOfNegative } from '../../../src/sampler/tempering/exp.js';
import { firstLadder, tunedLadder } from '../../../src/sampler/tempering/ladder.js';
import { ReplicaExchange } from '../../../src/sampler/tempering/replica-exchange.js';
import {
  checkTempering,
  isMeeting,
  nextMeeting,
  tuningExchanges,
  type TemperedPlan,
} from '../../../src/sampler/tempering/tempering.js';

const PLAN: TemperedPlan = {
  ...{ chains: 2, draws: 5, thin: 4 },
  warmupBetasQ: new Int32Array(50).fill(BETA_ONE_Q),
  tempering: { replicas: 4, betaMinQ: 0, exchangeEvery: 3, annealSweeps: 8 },
};

describe('expOfNegative', () => {
  it('is the exponential', () => {
    for (let x = 0; x > -750; x -= 0.37) {
      const want = x > -700 ? Math.exp(x) : 0;
      assert(Math.abs(expOfNegative(x) - want) <= 1e-13 * want, `at ${x}`);
    }
    assert.equal(expOfNegative(0), 1);
    assert.equal(expOfNegative(-Infinity), 0);
  });
});

describe('ladders', () => {
  it('begin geometrically, with 0 below where asked', () => {
    assert.deepEqual([...firstLadder(4, 8192)], [8192, 16384, 32768, 65536]);
    assert.deepEqual([...firstLadder(3, 0)], [0, 64, 65536]);
    assert.deepEqual([...firstLadder(2, 0)], [0, 65536]);
  });

  it('stay where all pairs reject alike, and move towards the pairs that reject most', () => {
    const even = Int32Array.of(0, 16384, 32768, 49152, 65536);
    assert.deepEqual(tunedLadder(even, [0.4, 0.4, 0.4, 0.4]), even);
    const tuned = tunedLadder(even, [0.9, 0.1, 0.1, 0.1]);
    assert(tuned[3]! < 32768, `three rungs lie in the first half, got ${tuned.join(' ')}`);
  });

  it('are the true ones where rejections follow a known barrier', () => {
    // Lambda(beta) = c sqrt(beta): equal parts of it are at (i / 4)^2.
    let betasQ: Int32Array = Int32Array.of(0, 16384, 32768, 49152, 65536);
    for (let round = 0; round < 8; round++) {
      const barrier = Array.from(betasQ, (q) => Math.sqrt(q / BETA_ONE_Q));
      betasQ = tunedLadder(
        betasQ,
        barrier.slice(1).map((value, i) => value - barrier[i]!),
      );
    }
    [0, 1, 4, 9, 16].forEach((parts, i) =>
      assert(Math.abs(betasQ[i]! - parts * 4096) <= 60, betasQ.join(' ')),
    );
  });

  it('keep their rungs apart', () => {
    const tuned = tunedLadder(Int32Array.of(0, 1, 2, 65536), [1, 0, 0]);
    tuned.forEach((beta, i) => assert(i === 0 || beta > tuned[i - 1]!, tuned.join(' ')));
    assert.equal(tuned.at(-1), BETA_ONE_Q);
  });
});

describe('the schedule', () => {
  it('meets for exchanges, at the end of the warm-up and at draws', () => {
    const meetings = [];
    for (let done = nextMeeting(PLAN, 0); done < 70; done = nextMeeting(PLAN, done)) meetings.push(done);
    const exchanges = [11, 14, 17, 20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 53, 56, 59, 62, 65, 68];
    assert.deepEqual(
      meetings,
      [...new Set([...exchanges, 50, 54, 58, 62, 66])].sort((a, b) => a - b),
    );
    assert.equal(nextMeeting(PLAN, 68), 70);
    assert(!isMeeting(PLAN, 0));
  });

  it('tunes in rounds of doubling length that end with the warm-up', () => {
    assert.deepEqual(tuningExchanges(PLAN), [14]);
    const long = { ...PLAN, warmupBetasQ: new Int32Array(308) };
    assert.deepEqual(tuningExchanges(long), [12, 25, 50, 100]);
    assert.deepEqual(tuningExchanges({ ...PLAN, warmupBetasQ: new Int32Array(8) }), []);
  });

  it('says which setting is wrong', () => {
    const with_ = (change: object) => (): void => checkTempering({ ...PLAN.tempering, ...change });
    assert.throws(
      with_({ replicas: 1 }),
      /^InputError: replicas must be a whole number from 2 to 1024, got 1$/,
    );
    assert.throws(with_({ exchangeEvery: 0 }), /exchange every must be .* at least 1, got 0$/);
    assert.throws(with_({ betaMinQ: BETA_ONE_Q }), /beta min must be .* 4 rungs below 1, got 1$/);
    assert.doesNotThrow(with_({ betaMinQ: BETA_ONE_Q - 3 }));
  });
});

/** Log-likelihoods that follow from nothing but their place. */
const logLikOf = (done: number): number[] =>
  [0, 1, 2, 3].map((replica) => -4096 * ((done * 7 + replica * 3) % 11));

function meetUpTo(exchange: ReplicaExchange, from: number, to: number): ReplicaExchange {
  for (let done = nextMeeting(PLAN, from); done <= to; done = nextMeeting(PLAN, done)) {
    exchange.meet(done, logLikOf(done));
  }
  return exchange;
}

describe('ReplicaExchange', () => {
  it('goes on from its state as if nothing had happened', () => {
    const whole = meetUpTo(new ReplicaExchange(PLAN, 5, 1), 0, 62);
    const first = meetUpTo(new ReplicaExchange(PLAN, 5, 1), 0, 29);
    const second = meetUpTo(new ReplicaExchange(PLAN, 5, 1, first.state), 29, 62);
    assert.deepEqual(second.state, whole.state);
    assert.deepEqual(second.takeDraw(logLikOf(62)), whole.takeDraw(logLikOf(62)));
    assert.equal(second.cold, whole.cold);
  });

  it('exchanges for sure where that makes both likelier', () => {
    const exchange = new ReplicaExchange(PLAN, 5, 0);
    const up = [3, 2, 1, 0].map((value) => 4096 * 1000 * value);
    exchange.meet(14, up); // pairs (0, 1) and (2, 3)
    const { replicas, rejection } = exchange.takeDraw(up);
    assert.deepEqual([...replicas], [1, 0, 3, 2]);
    assert.deepEqual([...rejection], [0, NaN, 0]);
  });

  it('exchanges as often as the Metropolis ratio says', () => {
    const tempering = { ...PLAN.tempering, replicas: 3, annealSweeps: 0, exchangeEvery: 1 };
    const plan = { ...PLAN, warmupBetasQ: new Int32Array(0), draws: 20_000, thin: 1, tempering };
    const exchange = new ReplicaExchange(plan, 5, 0);
    const [, low, high] = firstLadder(3, 0);
    // The pair of the upper rungs loses one nat by an exchange, that of the lower ones nothing.
    const gapQ = Math.round((4096 * BETA_ONE_Q) / (high! - low!));
    let exchanged = 0;
    for (let done = 1; done <= 20_000; done++) {
      const before = exchange.cold;
      const logLikQ = [0, 0, 0];
      logLikQ[before] = gapQ;
      exchange.meet(done, logLikQ);
      if (exchange.cold !== before) exchanged++;
    }
    // Every second exchange tries that pair; five standard deviations of a binomial.
    const want = 10_000 * Math.exp(-1);
    assert(Math.abs(exchanged - want) < 5 * Math.sqrt(want * (1 - Math.exp(-1))), `${exchanged} of 10,000`);
  });

  it('counts replicas that travel from the lowest rung to the highest and back', () => {
    const plan = {
      ...PLAN,
      warmupBetasQ: new Int32Array(0),
      thin: 1,
      tempering: { ...PLAN.tempering, annealSweeps: 0, exchangeEvery: 1 },
    };
    const exchange = new ReplicaExchange(plan, 5, 0);
    // All alike: every exchange is taken, and replicas go up and down like bubbles.
    for (let done = 1; done <= 16; done++) exchange.meet(done, [0, 0, 0, 0]);
    const { restarts, roundTrips } = exchange.takeDraw([0, 0, 0, 0]);
    assert.deepEqual([restarts, roundTrips], [7, 5]);
  });
});

describe('the bytes of a tempered chain', () => {
  it('come back whole', () => {
    const exchange = meetUpTo(new ReplicaExchange(PLAN, 5, 1), 0, 62);
    const draw = exchange.takeDraw(logLikOf(62));
    const drawBytes = encodeLadderDraw(draw);
    assert.equal(drawBytes.length, ladderDrawBytes(4));
    assert.deepEqual(decodeLadderDraw(drawBytes, 4), draw);
    const w = [0, 1, 2, 3].map((r) => Uint8Array.from({ length: 11 }, (_, i) => (i * r) % 2));
    const states = { w, logLikQ: Float64Array.from(logLikOf(62)), exchange: exchange.state };
    const bytes = encodeStates(states);
    assert.equal(bytes.length, statesBytes(4, 11));
    assert.deepEqual(decodeStates(bytes, 4, 11), states);
  });
});
