/** Marginals of small models: exact, from bitgibbs and from JAGS, which knows nothing of this program. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marginalsOf, standardScores, type Marginal } from '../../compare/draws.js';
import { sampleOwn } from '../../compare/own.js';
import { sampleJags } from '../../compare/peers/jags.js';
import type { Problem } from '../../compare/problem.js';
import { randomStart } from '../../src/posterior/weights.js';
import { exactMarginals } from '../support/enumeration.js';
import { tinyModel } from '../support/tiny-models.js';

const skip = process.env['BITGIBBS_TEST_PARTS']?.split(',').includes('jags') ? false : 'no JAGS';
const CHAINS = 8;

function problemOf(pi: number): Problem {
  const shape = { features: 10, classes: 2, rows: 70, seed: 4, grid: { rows: 2, columns: 5 } };
  return { name: 'tiny', ...tinyModel({ ...shape, pi }), pi };
}

/** Exact marginals in the shape of a sampler's: without error. */
function exact({ model, rows, pi }: Problem): Marginal[] {
  return Array.from(exactMarginals(model, rows, pi), (mean) => ({
    ...{ mean, error: 0, essBulk: Infinity, flips: Infinity },
  }));
}

async function jagsMarginals(problem: Problem): Promise<Marginal[]> {
  const starts = Array.from({ length: CHAINS }, (_, chain) => randomStart(problem.model, 3, chain));
  const { draws } = await sampleJags(problem, { starts, draws: 1500, seed: 3 });
  return marginalsOf(draws, problem);
}

const worst = (scores: readonly number[]): number => Math.max(...scores.map(Math.abs));

test('marginals of 20 bits are the exact ones', () => {
  const problems = [0.5, 0.3].map(problemOf);
  const right = problems.map(exact);
  for (const [i, problem] of problems.entries()) {
    const { draws } = sampleOwn(problem, { chains: CHAINS, draws: 4000, warmup: 50, seed: 5 });
    const own = marginalsOf(draws, problem);
    const most = worst(standardScores(own, right[i]!, CHAINS));
    assert.ok(most < 4.5, `pi ${problem.pi}: ${most} standard errors`);
    const other = worst(standardScores(own, right[1 - i]!, CHAINS));
    assert.ok(other > 6, `another prior is only ${other} standard errors away`);
  }
});

test(
  'JAGS and bitgibbs have the same marginals, and another prior or other labels are noticed',
  { skip },
  async () => {
    const problem = problemOf(0.3);
    const theirs = await jagsMarginals(problem);
    const { draws } = sampleOwn(problem, { chains: CHAINS, draws: 4000, warmup: 50, seed: 5 });
    const own = marginalsOf(draws, problem);
    for (const [what, ours] of [
      ['ours', own],
      ['the exact ones', exact(problem)],
    ] as const) {
      const most = worst(standardScores(theirs, ours, CHAINS));
      assert.ok(most < 4.5, `JAGS and ${what}: ${most} standard errors`);
    }
    const turned = { ...problem, rows: { ...problem.rows, labels: problem.rows.labels.map((y) => 1 - y) } };
    for (const wrong of [{ ...problem, pi: 0.5 }, turned]) {
      const most = worst(standardScores(await jagsMarginals(wrong), own, CHAINS));
      assert.ok(most > 6, `a wrong model is only ${most} standard errors away`);
    }
  },
);
