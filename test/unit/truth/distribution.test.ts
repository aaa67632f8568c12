/** Chains have the distribution of the enumerated posterior in double precision, and faulty kernels don't. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AuditError } from '../../../src/sampler/serial-walkers.js';
import { REFERENCE, WASM } from '../../support/kernels.js';
import { BOUND, distributionGap } from '../../support/distribution-check.js';
import {
  HonestSkippedRow,
  HonestWrongDelta,
  NoPrior,
  SkippedRow,
  TurnedSwapPrior,
  WrongDelta,
} from '../../support/mutants.js';
import type { TinySpec } from '../../support/tiny-models.js';

const DRAWS = 100_000;
/** The reference kernel is slow, and a fault shows soon. */
const DRAWS_TO_SEE_A_FAULT = 12_000;

const WEIGHT_PI = [0.5, 0.2, 0.8, 0.2, 0.4, 0.6, 0.9, 0.3, 0.2, 0.5, 0.1, 0.7];

const MODELS: Readonly<Record<string, TinySpec>> = {
  'K 2, pi .5': { features: 8, classes: 2, rows: 25, seed: 21, grid: { rows: 2, columns: 4 } },
  'K 2, pinned, pi .2': {
    features: 9,
    classes: 2,
    rows: 30,
    seed: 22,
    pinned: true,
    pi: 0.2,
    grid: { rows: 3, columns: 3 },
  },
  'K 3, pi .2': { features: 5, classes: 3, rows: 30, seed: 23, pi: 0.2 },
  'K 3, pinned, weights': {
    features: 8,
    classes: 3,
    rows: 12,
    seed: 24,
    pinned: true,
    maxWeight: 4,
    grid: { rows: 2, columns: 4 },
  },
  'K 4, one pi a weight, an unlit feature': {
    ...{ features: 3, classes: 4, rows: 20, seed: 25, pi: WEIGHT_PI, litChance: [0, 0.6, 0.6] },
    ...{ grid: { rows: 1, columns: 3 } },
  },
  'K 4, weights': {
    features: 4,
    classes: 4,
    rows: 10,
    seed: 26,
    maxWeight: 5,
    grid: { rows: 2, columns: 2 },
  },
};

describe('chains against enumeration in double precision', () => {
  for (const [name, spec] of Object.entries(MODELS)) {
    it(name, () => {
      const gap = distributionGap(spec, WASM.make, DRAWS);
      assert.ok(gap.worst < BOUND, `${gap.worst} errors away at ${gap.where}`);
    });
  }
});

describe('tempered chains against enumeration in double precision', () => {
  for (const [name, spec] of Object.entries(MODELS)) {
    it(name, () => {
      const tempering = { replicas: 3, betaMinQ: 0, exchangeEvery: 1, annealSweeps: 10 };
      const gap = distributionGap(spec, WASM.make, DRAWS / 4, tempering);
      assert.ok(gap.worst < BOUND, `${gap.worst} errors away at ${gap.where}`);
    });
  }
});

describe('the same check, with fewer draws,', () => {
  it('accepts the reference kernel', () => {
    const gap = distributionGap(MODELS['K 3, pi .2']!, REFERENCE.make, DRAWS_TO_SEE_A_FAULT);
    assert.ok(gap.worst < BOUND, `${gap.worst} errors away at ${gap.where}`);
  });

  const FAULTS = [
    ['a wrong delta', WrongDelta, 'K 2, pi .5'],
    ['a wrong delta', WrongDelta, 'K 3, pi .2'],
    ['a skipped row update', SkippedRow, 'K 2, pi .5'],
    ['a skipped row update', SkippedRow, 'K 4, weights'],
    ['a missing prior term', NoPrior, 'K 3, pi .2'],
    ['a missing prior term', NoPrior, 'K 2, pinned, pi .2'],
    ['a turned prior term of swaps', TurnedSwapPrior, 'K 4, one pi a weight, an unlit feature'],
  ] as const;
  for (const [fault, Kernel, name] of FAULTS) {
    it(`notices ${fault}: ${name}`, () => {
      const gap = distributionGap(MODELS[name]!, (rule) => new Kernel(rule), DRAWS_TO_SEE_A_FAULT);
      assert.ok(gap.worst > BOUND, `only ${gap.worst} errors away`);
    });
  }
});

describe('the exact audit notices', () => {
  for (const [fault, Kernel] of [
    ['a wrong delta', HonestWrongDelta],
    ['a skipped row update', HonestSkippedRow],
  ] as const) {
    it(fault, () => {
      assert.throws(
        () => distributionGap(MODELS['K 2, pi .5']!, (rule) => new Kernel(rule), DRAWS),
        AuditError,
      );
    });
  }
});
