import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { meanAutocovariances, meanOf } from '../../../src/diagnostics/autocovariance.js';
import { normalQuantile } from '../../../src/diagnostics/normal.js';
import { medianOf, quantileOf, rankNormalScores } from '../../../src/diagnostics/order.js';
import { autocorrelations, type Estimate, estimate } from '../../../src/diagnostics/scalar.js';
import { SERIES } from '../../support/series.js';

const close = (a: number, b: number, error: number, what = ''): void =>
  assert.ok(Math.abs(a - b) <= error, `${what} ${a} should be ${b}`);

test('normal quantiles are those of tables', () => {
  // As SciPy has them.
  const known = [
    [1e-300, -37.0470962993612],
    [1e-10, -6.36134090240406],
    [0.025, -1.95996398454005],
    [0.07, -1.47579102817917],
    [0.3, -0.524400512708041],
    [0.5, 0],
    [0.975, 1.95996398454005],
  ] as const;
  for (const [p, z] of known) close(normalQuantile(p), z, 1e-12 * Math.max(1, Math.abs(z)), `at ${p}:`);
});

test('scores of tied values are those of their mean rank', () => {
  const [first, second] = rankNormalScores([Float64Array.of(5, 1, 5), Float64Array.of(2, 5, 9)]);
  const score = (rank: number): number => normalQuantile((rank - 0.375) / 6.25);
  assert.deepEqual([...first!], [score(4), score(1), score(4)]);
  assert.deepEqual([...second!], [score(2), score(4), score(6)]);
});

test('median and quantiles interpolate', () => {
  const sorted = Float64Array.of(1, 2, 4, 8);
  assert.equal(medianOf(sorted), 3);
  assert.equal(medianOf(sorted.subarray(0, 3)), 2);
  close(quantileOf(sorted, 0.05), 1.15, 1e-12);
  close(quantileOf(sorted, 0.95), 7.4, 1e-12);
});

test('autocovariances are the sums that define them', () => {
  const number = fc.double({ min: -100, max: 100, noNaN: true });
  const arrays = fc
    .integer({ min: 2, max: 70 })
    .chain((length) =>
      fc.array(fc.array(number, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 3 }),
    );
  const byHand = (values: readonly number[], lag: number): number => {
    const mean = meanOf(values);
    return (
      values.reduce((sum, value, i) => sum + (value - mean) * ((values[i + lag] ?? mean) - mean), 0) /
      values.length
    );
  };
  fc.assert(
    fc.property(arrays, (sequences) => {
      const found = meanAutocovariances(sequences.map((values) => Float64Array.from(values)));
      assert.equal(found.length, sequences[0]!.length);
      found.forEach((value, lag) =>
        close(value, meanOf(sequences.map((values) => byHand(values, lag))), 1e-8),
      );
    }),
  );
});

/** As ArviZ 0.23.4 has them for the series of the same name. */
const KNOWN: Readonly<Record<string, Estimate>> = {
  sticky: {
    mean: -0.00212921618992,
    sd: 1.01097172715,
    mcseMean: 0.162471601876,
    mcseSd: 0.091845730599,
    essBulk: 41.5596255338,
    essTail: 59.0541740503,
    rhat: 1.12057878848,
  },
  'chains of different width': {
    mean: 0.0324935554601,
    sd: 2.76024644593,
    mcseMean: 0.0788882461174,
    mcseSd: 0.502740419694,
    essBulk: 1253.87190347,
    essTail: 113.750936932,
    rhat: 1.15095812622,
  },
  ties: {
    mean: 1.525,
    sd: 1.1395936441,
    mcseMean: 0.0364966038552,
    mcseSd: 0.0143075090004,
    essBulk: 977.286412398,
    essTail: 983.208387534,
    rhat: 1.00550637815,
  },
  'odd length': {
    mean: -0.0338563473359,
    sd: 1.0437956839,
    mcseMean: 0.0989205294626,
    mcseSd: 0.0468851553104,
    essBulk: 110.97133495,
    essTail: 206.920480313,
    rhat: 1.02440851267,
  },
  '9 draws': {
    mean: -0.30009855412,
    sd: 0.83178870382,
    mcseMean: 0.189503896828,
    mcseSd: 0.0752379422466,
    essBulk: 19.2659197225,
    essTail: 19.2659197225,
    rhat: 2.04664392041,
  },
  'bits that change at times': {
    mean: 0.510510510511,
    sd: 0.5000772689,
    mcseMean: 0.0408869588585,
    mcseSd: 0.000859352819155,
    essBulk: 149.590705229,
    essTail: 149.590705229,
    rhat: 1.02105947153,
  },
};

test('figures are those known from ArviZ', () => {
  for (const [name, expected] of Object.entries(KNOWN)) {
    const own = estimate(SERIES.find((series) => series.name === name)!.chains);
    for (const figure of Object.keys(expected) as (keyof Estimate)[]) {
      const value = expected[figure];
      close(own[figure], value, 1e-6 * Math.abs(value), `${name}, ${figure}:`);
    }
  }
});

describe('where nothing moves', () => {
  const named = (name: string): Estimate => estimate(SERIES.find((series) => series.name === name)!.chains);

  test('R-hat is no number if all draws are the same, and infinite if chains differ', () => {
    assert.ok(Number.isNaN(named('constant lp').rhat));
    assert.equal(named('chains constant and apart').rhat, Infinity);
    assert.equal(named('frozen and disagreed').rhat, Infinity);
  });

  test('there is no autocorrelation', () => {
    assert.equal(autocorrelations([new Float64Array(9).fill(0.1)], 5).length, 0);
  });
});

test('autocorrelation of all chains together stays up where chains disagree', () => {
  const { chains } = SERIES.find(({ name }) => name === 'independent')!;
  const together = autocorrelations(chains, 50);
  assert.equal(together.length, 51);
  assert.equal(together[0], 1);
  for (const value of together.subarray(1)) assert.ok(Math.abs(value) < 0.1, `${value}`);
  const apart = autocorrelations(
    chains.map((chain, i) => chain.map((value) => value + 10 * i)),
    50,
  );
  for (const value of apart) assert.ok(value > 0.9, `${value}`);
  assert.equal(autocorrelations([Float64Array.of(1, 2, 4)], 50).length, 3);
});
