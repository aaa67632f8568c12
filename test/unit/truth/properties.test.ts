/** Properties over random models, data, layouts and kernels: one digest, and the log-likelihood of the formulas. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlainSweepTables } from '../../../src/coordinator/brain/sweep-tables.js';
import { runLocally } from '../../../src/coordinator/local-driver.js';
import { placeRows } from '../../../src/coordinator/placement.js';
import { createKernelAlone } from '../../../src/kernel/create.js';
import type { ChainRule, FlipKernel } from '../../../src/kernel/kernel.js';
import { NAT_Q } from '../../../src/posterior/grid.js';
import { isLit, litFeatures, takeRows, type Rows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { geometricBetasQ, type RunPlan } from '../../../src/sampler/run-plan.js';
import { sampleSerially, type SerialDraw } from '../../../src/sampler/serial.js';
import { DrawDigest, type DigestedDraw } from '../../../src/store/digest.js';
import { WrongDelta } from '../../support/mutants.js';
import { testNative } from '../../support/native.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

interface Layout {
  readonly shards: number;
  readonly workers: number;
}

interface Case extends Layout {
  readonly rule: ChainRule;
  readonly rows: Rows;
  readonly plan: RunPlan;
}

/** Anything that a run can be asked for, as small as it may be. */
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    grid: fc.record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 5 }) }),
    classes: fc.integer({ min: 2, max: 5 }),
    pinned: fc.boolean(),
    rows: fc.integer({ min: 1, max: 40 }),
    maxWeight: fc.constantFrom(1, 3, 900),
    litChance: fc.constantFrom(0.05, 0.4, 0.95),
    signal: fc.constantFrom(0, 1),
    pi: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
    seed: fc.maxSafeNat(),
    chains: fc.integer({ min: 1, max: 3 }),
    draws: fc.integer({ min: 1, max: 3 }),
    thin: fc.integer({ min: 1, max: 3 }),
    warmup: fc.integer({ min: 0, max: 4 }),
    shards: fc.integer({ min: 1, max: 4 }),
    workers: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ grid, chains, draws, thin, warmup, shards, workers, seed, ...spec }) => {
    const features = grid.rows * grid.columns;
    const { model, rows } = tinyModel({ ...spec, features, grid, seed: seed % 2 ** 31 });
    const plan = { chains, draws, thin, warmupBetasQ: geometricBetasQ(warmup, 0.12) };
    return { rule: ruleOf(model, seed), rows, plan, shards: Math.min(shards, rows.count), workers };
  });

function digest({ rule, plan }: Case, draws: readonly DigestedDraw[]): string {
  const { features, classes } = rule.model;
  const all = new DrawDigest({ features, classes, chains: plan.chains });
  for (const draw of [...draws].sort((a, b) => a.draw - b.draw)) all.add(draw);
  return all.hex();
}

function serialDraws({ rule, plan, rows }: Case, kernel: FlipKernel): SerialDraw[] {
  const events = [...sampleSerially({ kernel, rule, plan, shards: [rows] })];
  return events.filter((event): event is SerialDraw => event.kind === 'draw');
}

/** Digest of the draws of the real coordinator's brain with workers in this process. */
function spreadDigest(asked: Case, make: (rule: ChainRule) => FlipKernel): string {
  const { rule, plan, rows, shards: spread, workers } = asked;
  const shards = placeRows(rows, spread).map((list) => takeRows(rows, list));
  const draws: DigestedDraw[] = [];
  const starts = Array.from({ length: plan.chains }, (_, chain) => ({
    ...{ sweep: 0, w: randomStart(rule.model, rule.seed, chain) },
  }));
  runLocally({
    config: {
      ...{ rule, plan, spread, starts, soloSweepsPerJob: 2, checkpointSweeps: 2 },
      tables: new PlainSweepTables(rule),
      shards: shards.map((shard) => ({
        ...{ rows: shard.count, lit: litFeatures(shard) },
        weight: shard.weights.reduce((a, b) => a + b, 0),
      })),
      memory: { shardBytes: () => 1, slotBytes: () => 1 },
    },
    shards,
    kernels: Array.from({ length: workers }, () => make(rule)),
    onDraw: (draw) => draws.push(draw),
  });
  return digest(asked, draws);
}

/** Log-likelihood in nat, in double precision. */
function logLik(rows: Rows, w: Uint8Array, classes: number): number {
  let sum = 0;
  for (let n = 0; n < rows.count; n++) {
    const z = new Float64Array(classes);
    for (let j = 0; j < rows.features; j++) {
      if (isLit(rows, n, j)) for (let k = 0; k < classes; k++) z[k]! += w[j * classes + k]!;
    }
    const normaliser = Math.log(z.reduce((total, zk) => total + Math.exp(zk), 0));
    sum += rows.weights[n]! * (z[rows.labels[n]!]! - normaliser);
  }
  return sum;
}

/** Of a row of weight 1: half a step of the argument of the logarithm, half a step of its value, and the cut tail. */
const ROUNDING = 3e-4;

function likelihoodHolds({ rule, rows }: Case, draws: readonly SerialDraw[]): void {
  const weight = rows.weights.reduce((a, b) => a + b, 0);
  for (const { w, logLikQ } of draws) {
    const error = Math.abs(logLikQ / NAT_Q - logLik(rows, w, rule.model.classes));
    assert.ok(error <= ROUNDING * weight, `${error} nat over rows of weight ${weight}`);
  }
}

const wasm = (rule: ChainRule): FlipKernel => createKernelAlone('wasm', rule);
const reference = (rule: ChainRule): FlipKernel => new ReferenceKernel(rule);

test('any layout on either kernel gives the digest of the serial reference, and its log-likelihood is that of the formulas', () => {
  fc.assert(
    fc.property(anyCase, (asked) => {
      const draws = serialDraws(asked, reference(asked.rule));
      likelihoodHolds(asked, draws);
      const wanted = digest(asked, draws);
      assert.equal(digest(asked, serialDraws(asked, wasm(asked.rule))), wanted);
      assert.equal(spreadDigest(asked, reference), wanted);
      assert.equal(spreadDigest(asked, wasm), wanted);
    }),
    { numRuns: 150, seed: 8 },
  );
});

testNative('tfjs gives the same digests', () => {
  fc.assert(
    fc.property(anyCase, (asked) => {
      const wanted = digest(asked, serialDraws(asked, reference(asked.rule)));
      assert.equal(digest(asked, serialDraws(asked, createKernelAlone('tfjs', asked.rule))), wanted);
    }),
    { numRuns: 20, seed: 8 },
  );
});

test('a kernel with a wrong delta is found out by both properties', () => {
  const fails = (check: (asked: Case, draws: readonly SerialDraw[]) => void): boolean =>
    fc.check(
      fc.property(anyCase, (asked) => check(asked, serialDraws(asked, new WrongDelta(asked.rule)))),
      { numRuns: 60, seed: 8, endOnFailure: true },
    ).failed;
  assert.ok(fails(likelihoodHolds), 'log-likelihood');
  assert.ok(
    fails((asked, draws) => {
      assert.equal(digest(asked, draws), digest(asked, serialDraws(asked, reference(asked.rule))));
    }),
    'digest',
  );
});
