import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BitSeries } from '../../../src/diagnostics/bit-series.js';
import { type Estimate, estimate } from '../../../src/diagnostics/scalar.js';
import { judge, nextCheckpoint, parseStopRule, stopRuleText } from '../../../src/diagnostics/stop-rule.js';
import { agreedRemark, groupedInteger, warningsOf } from '../../../src/diagnostics/warnings.js';
import {
  type ClassCounts,
  classOf,
  countClasses,
  USUAL_LIMITS,
} from '../../../src/diagnostics/weight-class.js';
import { InputError } from '../../../src/posterior/model.js';
import { inWords, SERIES } from '../../support/series.js';

const series = (name: string): readonly Float64Array[] => SERIES.find((one) => one.name === name)!.chains;
const figures = (name: string): Estimate => estimate(series(name));
const none: ClassCounts = { mixed: 0, sticky: 0, agreed: 0, disagreed: 0 };

test('weights fall into their classes', () => {
  const classes = {
    'independent bits': 'mixed',
    'bits of one chain': 'sticky',
    'sticky bits': 'sticky',
    'one chain frozen': 'sticky',
    'one flip': 'sticky',
    'frozen at 0': 'agreed',
    'frozen at 1': 'agreed',
    'frozen and disagreed': 'disagreed',
  };
  for (const [name, expected] of Object.entries(classes)) {
    const chains = series(name);
    const bit = new BitSeries(chains.length, chains[0]!.length).estimate(chains.map(inWords));
    assert.equal(classOf(bit, USUAL_LIMITS), expected, name);
  }
  assert.deepEqual(countClasses(['mixed', 'agreed', 'mixed']), { ...none, mixed: 2, agreed: 1 });
});

describe('a stop rule', () => {
  test('is read and written', () => {
    assert.deepEqual(parseStopRule('rhat=1.01,ess=400'), { rhat: 1.01, ess: 400 });
    assert.equal(stopRuleText(parseStopRule(' mixed = 0.9 , ess=1e3')), 'mixed=0.9,ess=1000');
  });

  test('is refused in one line that says what would be right', () => {
    const wrong = {
      '': /^stop rule: '' must be one of rhat=, ess=, mixed=, as /,
      ess: /^stop rule: ess must be a number above 0, got ''$/,
      'rhat=1': /^stop rule: rhat must be a number above 1, got '1'$/,
      'rhat=x': /^stop rule: rhat must be a number above 1, got 'x'$/,
      'mixed=1.5': /^stop rule: mixed must be a number above 0 and at most 1, got '1.5'$/,
      'ess=400,ess=500': /^stop rule: ess is given twice$/,
      'ess=400,draws=3': /^stop rule: 'draws=3' must be one of/,
      'ess=400=3': /^stop rule: 'ess=400=3' must be one of/,
    };
    for (const [text, message] of Object.entries(wrong)) {
      assert.throws(
        () => parseStopRule(text),
        (error) => error instanceof InputError && message.test(error.message),
      );
    }
  });

  test('is asked at fixed draw counts that grow by a fifth', () => {
    const counts = [0];
    while (counts.length < 12) counts.push(nextCheckpoint(counts.at(-1)!));
    assert.deepEqual(counts, [0, 20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 140]);
    for (let draws = 100; draws < 5000; draws += 37) {
      const next = nextCheckpoint(draws);
      assert.ok(next > draws && next <= 1.2 * draws && next % 10 === 0, `${next} after ${draws}`);
    }
  });

  const evidence = (quantities: Record<string, string>, chains = 4, classes = none) => ({
    ...{ draws: 1000, chains, classes: () => classes },
    quantities: new Map(Object.entries(quantities).map(([name, shape]) => [name, figures(shape)])),
  });
  const both = parseStopRule('rhat=1.01,ess=400');

  test('is met where every quantity is within its limits, and says so', () => {
    const { stop, reason } = judge(both, evidence({ lp: 'independent', p1: 'independent' }));
    assert.equal(stop, true);
    assert.match(
      reason,
      /^rhat=1.01,ess=400 met at 1000 draws a chain: lp R-hat 1\.00\d\d, effective size \d{4}; worst of 1 /,
    );
  });

  test('is not met by a bad lp, nor by any other bad quantity', () => {
    for (const bad of ['chains apart', 'sticky', 'chains constant and apart', 'heavy tails, apart']) {
      const shape = bad === 'heavy tails, apart' ? 'chains of different width' : bad;
      assert.equal(judge(both, evidence({ lp: shape, p1: 'independent' })).stop, false, bad);
      assert.equal(judge(both, evidence({ lp: 'independent', p1: shape })).stop, false, bad);
    }
    assert.match(
      judge(both, evidence({ lp: 'chains apart' })).reason,
      /^rhat=1.01,ess=400 not met at 1000 draws/,
    );
  });

  test('passes over a constant quantity, but not over a constant lp', () => {
    const { stop, reason } = judge(both, evidence({ lp: 'independent', p1: 'constant lp' }));
    assert.equal(stop, true);
    assert.doesNotMatch(reason, /others/);
    assert.equal(judge({ ess: 10 }, evidence({ lp: 'constant lp' })).stop, false);
  });

  test('that asks for R-hat is never met by one chain', () => {
    assert.equal(judge({ ess: 10 }, evidence({ lp: 'one chain' }, 1)).stop, true);
    assert.equal(judge({ ess: 10, rhat: 1.5 }, evidence({ lp: 'one chain' }, 1)).stop, false);
  });

  test('counts mixed weights where a share is asked for', () => {
    const classes = { mixed: 90, sticky: 3, agreed: 5, disagreed: 2 };
    const found = judge({ mixed: 0.9 }, evidence({ lp: 'independent' }, 4, classes));
    assert.equal(found.stop, true);
    assert.match(found.reason, /; 90\.0 % of the weights mixed$/);
    assert.equal(judge({ mixed: 0.91 }, evidence({ lp: 'independent' }, 4, classes)).stop, false);
  });
});

describe('warnings', () => {
  const run = (name: string, classes = none) => {
    const lpOfChains = series(name);
    const [chains, draws] = [lpOfChains.length, lpOfChains[0]!.length];
    return { chains, draws, lp: estimate(lpOfChains), lpOfChains, classes };
  };

  test('name what is wrong in plain words', () => {
    assert.deepEqual(warningsOf(run('independent', { ...none, mixed: 5 })), []);
    assert.deepEqual(warningsOf(run('independent', { mixed: 1, sticky: 1204, agreed: 7, disagreed: 312 })), [
      'chains disagree on 312 weights: not converged',
      '1,204 weights move but have an effective size below 400 or an R-hat above 1.01: not to be trusted yet',
    ]);
    assert.deepEqual(warningsOf(run('constant lp')), ['lp is the same at every draw: nothing moved']);
    assert.deepEqual(warningsOf(run('3 draws')), [
      '3 draws a chain are too few to judge anything: 4 are the least',
    ]);
    assert.match(warningsOf(run('one chain')).join('|'), /^one chain can not show/);
    assert.match(
      warningsOf(run('chains apart')).join('|'),
      /^R-hat of lp is 1\.\d+, above 1\.01: the chains have not mixed\|lp has an effective size of \d+ in 1,200 draws, below 400$/,
    );
    assert.match(warningsOf(run('chains constant and apart')).join('|'), /^R-hat of lp is infinite/);
    assert.match(
      warningsOf(run('lp still rising')).join('|'),
      /lp still rises, by \d+\.\d nat between the halves/,
    );
  });

  test('weights that never changed are no warning but a remark', () => {
    assert.equal(agreedRemark(none), undefined);
    assert.match(agreedRemark({ ...none, agreed: 1 })!, /^1 weight never changed and is alike in all chains/);
    assert.match(agreedRemark({ ...none, agreed: 3402 })!, /^3,402 weights never changed and are/);
  });

  test('numbers are grouped by thousands', () => {
    assert.deepEqual([0, 999, 1000, 1234567, -18520].map(groupedInteger), [
      '0',
      '999',
      '1,000',
      '1,234,567',
      '-18,520',
    ]);
  });
});
