/**
 * The toy (5x5 pictures of fives and sixes): tempered chains agree on its modes, and with the exact posterior of its 12 most
 * lit pixels.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { fewestShards } from '../../../src/coordinator/placement.js';
import { loadDataSet } from '../../../src/data/load.js';
import { estimate, type Estimate } from '../../../src/diagnostics/scalar.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { mergeRows } from '../../../src/posterior/merged-rows.js';
import { buildModel } from '../../../src/posterior/model.js';
import { litFeatures, type Rows } from '../../../src/posterior/rows.js';
import { geometricBetasQ, type RunPlan } from '../../../src/sampler/run-plan.js';
import { sampleSerially } from '../../../src/sampler/serial.js';
import { ALL_MOVES } from '../../../src/sampler/sites.js';
import { temperedPlan } from '../../../src/sampler/tempering/tempering.js';
import { exactDifferences, onlyPixels } from '../../support/toy-posterior.js';

const GRID = { rows: 5, columns: 5 };
const PIXELS = 25;
const CHAINS = 4;
/** Standard errors that chance does not reach in a few hundred comparisons. */
const BOUND = 5;

interface Drawn {
  /** Of P(w = 1), index 2 j + k. */
  readonly weights: readonly Estimate[];
  readonly lp: Estimate;
  /** By chain: the share of draws in which pixel 7 tells nothing, as in the smaller of the two modes. */
  readonly smallerMode: readonly number[];
  /** Draws in all. */
  readonly count: number;
}

const ladder = (draws: number, replicas: number, betaMin: number): RunPlan =>
  temperedPlan(
    { chains: CHAINS, draws, thin: 1 },
    { sweeps: 300, betaStart: 0.12 },
    { replicas, betaMin, exchangeEvery: 1 },
  );

function draw(rows: Rows, plan: RunPlan, seed: number): Drawn {
  const spec = { features: PIXELS, classes: 2, pinned: false, pi: 0.5, grid: GRID };
  const rule = { model: buildModel({ ...spec, lit: litFeatures(rows) }), moves: ALL_MOVES, seed };
  const series = Array.from({ length: 2 * PIXELS + 1 }, () =>
    Array.from({ length: CHAINS }, () => new Float64Array(plan.draws)),
  );
  const smallerMode = new Array<number>(CHAINS).fill(0);
  const shards = fewestShards(mergeRows(rows));
  for (const event of sampleSerially({ kernel: WasmKernel.alone(rule), rule, plan, shards })) {
    if (event.kind !== 'draw') continue;
    event.w.forEach((bit, i) => (series[i]![event.chain]![event.draw] = bit));
    series[2 * PIXELS]![event.chain]![event.draw] = event.logLikQ;
    if (event.w[14] === event.w[15]) smallerMode[event.chain]! += 1 / plan.draws;
  }
  const estimates = series.map(estimate);
  return {
    weights: estimates.slice(0, -1),
    lp: estimates.at(-1)!,
    smallerMode,
    count: CHAINS * plan.draws,
  };
}

/** Standard error of a share: by its chain's autocorrelation, and at least that of independent draws of a probability p. */
const errorOf = ({ mcseMean }: Estimate, p: number, count: number): number =>
  Math.max(Number.isNaN(mcseMean) ? 0 : mcseMean, Math.sqrt((p * (1 - p)) / count), 1 / count);

describe('the toy on all its rows', () => {
  let rows: Rows;
  let one: Drawn;
  before(async () => {
    rows = (await loadDataSet({ source: 'mnist56' })).rows;
    one = draw(rows, ladder(1000, 6, 0.03), 1);
  });

  it('keeps plain chains where they came to', () => {
    const plan = { chains: CHAINS, draws: 400, thin: 1, warmupBetasQ: geometricBetasQ(300) };
    const { lp, smallerMode } = draw(rows, plan, 1);
    assert.ok(lp.rhat > 1.1, `R-hat ${lp.rhat}`);
    assert.deepEqual(new Set(smallerMode.map(Math.round)), new Set([0, 1]));
  });

  it('has tempered chains that all visit both modes, for as long', () => {
    assert.ok(one.lp.rhat < 1.02, `R-hat ${one.lp.rhat}`);
    for (const share of one.smallerMode) assert.ok(share > 0.1 && share < 0.4, `${one.smallerMode}`);
  });

  it('gives another ladder from other starts the same P(w = 1)', () => {
    const other = draw(rows, ladder(700, 8, 0.02), 3);
    one.weights.forEach((weight, i) => {
      const [a, b] = [weight.mean, other.weights[i]!.mean];
      const error = Math.hypot(
        errorOf(weight, (a + b) / 2, one.count),
        errorOf(other.weights[i]!, (a + b) / 2, other.count),
      );
      assert.ok(Math.abs(a - b) < BOUND * error, `weight ${i}: ${a} and ${b}, error ${error}`);
    });
  });
});

it('the toy’s 12 most lit pixels have the enumerated P(w = 1)', async () => {
  const { rows, pixels } = onlyPixels((await loadDataSet({ source: 'mnist56' })).rows, 12);
  const exact = exactDifferences(rows, pixels);
  const { weights, count } = draw(rows, ladder(1500, 6, 0.03), 4);
  pixels.forEach((j, n) => {
    const { less, equal, more } = exact[n]!;
    assert.ok(Math.abs(less + equal + more - 1) < 1e-9);
    // Equal weights are both 0 as often as both 1.
    [less + equal / 2, more + equal / 2].forEach((p, k) => {
      const weight = weights[2 * j + k]!;
      const error = errorOf(weight, p, count);
      assert.ok(
        Math.abs(weight.mean - p) < BOUND * error,
        `pixel ${j}, class ${k}: ${weight.mean}, exactly ${p}`,
      );
    });
  });
});
