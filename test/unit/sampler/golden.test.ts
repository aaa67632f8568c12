/**
 * Digests of tiny runs: a change of the arithmetic, the random stream, the order of sites, a move or the record of a draw
 * shows here. One that is meant changes these constants and has a line in CHANGELOG.md that says why.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import type { RunPlan } from '../../../src/sampler/run-plan.js';
import { sampleSerially } from '../../../src/sampler/serial.js';
import type { Moves } from '../../../src/sampler/sites.js';
import { DrawDigest } from '../../../src/store/digest.js';
import { REFERENCE, WASM, type KernelMaker } from '../../support/kernels.js';
import { ruleOf, tinyModel, type TinySpec } from '../../support/tiny-models.js';

const PLAN: RunPlan = {
  ...{ chains: 3, draws: 6, thin: 2 },
  warmupBetasQ: Int32Array.of(0, 7864, 15_000, 30_000, BETA_ONE_Q),
};

interface Golden {
  readonly name: string;
  readonly spec: TinySpec;
  readonly seed: number;
  readonly moves?: Moves;
  readonly digest: string;
}

const GOLDEN: readonly Golden[] = [
  {
    name: 'K 2, 5 x 5',
    spec: { features: 25, classes: 2, rows: 80, seed: 1, grid: { rows: 5, columns: 5 } },
    seed: 1,
    digest: '1a9235255b621cb628b877cbf38bd0068add5f6bf25d2487f162a3311de7fdcc',
  },
  {
    name: 'K 2, 5 x 5, flips alone',
    spec: { features: 25, classes: 2, rows: 80, seed: 1, grid: { rows: 5, columns: 5 } },
    seed: 1,
    moves: { rows: false, swaps: false },
    digest: '56a2c15af1e0f5e0a3baa65b26bb9b6d2edc678673b47347d7d13cdcbfa897d5',
  },
  {
    name: 'K 2, pinned, pi .2, unlit features, a seed of 53 bits',
    spec: {
      features: 12,
      classes: 2,
      rows: 30,
      seed: 2,
      pinned: true,
      pi: 0.2,
      litChance: [0, 0.5, 0.5, 0.1, 0.9, 0.5, 0, 0.5, 0.2, 0.2, 0.2, 0.5],
    },
    seed: 2 ** 53 - 1,
    digest: 'd82fa08d58a8beb8f7da330b43e0d7e1f7e80005f5f0cab573345e4d55e03503',
  },
  {
    name: 'K 3, more than one block, row weights',
    spec: {
      features: 130,
      classes: 3,
      rows: 40,
      seed: 3,
      maxWeight: 100,
      litChance: 0.2,
      grid: { rows: 10, columns: 13 },
    },
    seed: 20,
    digest: 'e22095917f1d356c996729515c185a987b88a418185b97ab050c4b1f65895f03',
  },
  {
    name: 'K 10, one pi a class',
    spec: {
      features: 30,
      classes: 10,
      rows: 60,
      seed: 4,
      pi: [0.5, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.1],
      grid: { rows: 5, columns: 6 },
    },
    seed: 4,
    digest: 'f947f72c48478932241d89d884e26a1e0233bb71db7e9b0b4196ce91264dd202',
  },
];

function digestOf({ spec, seed, moves }: Golden, { make }: KernelMaker): string {
  const { model, rows } = tinyModel(spec);
  const rule = ruleOf(model, seed, moves);
  const digest = new DrawDigest({ features: model.features, classes: model.classes, chains: PLAN.chains });
  for (const event of sampleSerially({ kernel: make(rule), rule, plan: PLAN, shards: [rows] })) {
    if (event.kind === 'draw') digest.add(event);
  }
  return digest.hex();
}

for (const maker of [REFERENCE, WASM]) {
  describe(`golden digests of the ${maker.name} kernel`, () => {
    for (const golden of GOLDEN) it(golden.name, () => assert.equal(digestOf(golden, maker), golden.digest));
  });
}
