/** The tfjs kernel against the wasm and the reference kernel: the same integers for every call, on random small models. */
import assert from 'node:assert/strict';
import type { ChainRule, SoloJob, WindowJob } from '../../../src/kernel/kernel.js';
import type { TensorFlow } from '../../../src/kernel/tfjs/load.js';
import { NativeOps } from '../../../src/kernel/tfjs/ops.js';
import { TfjsKernel } from '../../../src/kernel/tfjs/tfjs-kernel.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import type { FeatureGrid, Model } from '../../../src/posterior/model.js';
import { takeRows, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { featureOwners } from '../../../src/sampler/owners.js';
import { neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { testNative } from '../../support/native.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { SideBySide } from '../../support/side-by-side.js';
import { ruleOf, tinyModel, uniforms, type TinyModel } from '../../support/tiny-models.js';
import { GroupWalk } from '../../support/walk-protocol.js';

interface Case {
  readonly name: string;
  readonly classes: number;
  readonly rows: number;
  readonly grid: FeatureGrid;
  readonly members: number;
  readonly shards: number;
  readonly pinned?: boolean;
  readonly maxWeight?: number;
  readonly litChance?: number;
  readonly betaQ?: number;
}

const SQUARE = { rows: 5, columns: 8 };
const SMALL = { rows: 4, columns: 10 };
/** Three blocks, the last one of 16 features. */
const BLOCKS = { rows: 9, columns: 16 };

const CASES: readonly Case[] = [
  { name: 'K = 2', classes: 2, rows: 90, grid: SQUARE, members: 2, shards: 1 },
  { name: 'K = 2 pinned', classes: 2, rows: 60, grid: SQUARE, pinned: true, members: 2, shards: 2 },
  { name: 'K = 3, three blocks', classes: 3, rows: 40, grid: BLOCKS, members: 2, shards: 1 },
  { name: 'K = 3, weights', classes: 3, rows: 50, grid: BLOCKS, maxWeight: 900, members: 2, shards: 1 },
  { name: 'K = 4, hot', classes: 4, rows: 60, grid: BLOCKS, members: 2, shards: 1, betaQ: 3000 },
  {
    name: 'K = 5, rare in some shards',
    classes: 5,
    rows: 80,
    grid: BLOCKS,
    litChance: 0.08,
    members: 2,
    shards: 3,
  },
  { name: 'K = 10', classes: 10, rows: 50, grid: BLOCKS, litChance: 0.2, members: 3, shards: 1 },
  { name: 'K = 12, weights', classes: 12, rows: 40, grid: SQUARE, maxWeight: 3, members: 2, shards: 2 },
  { name: 'K = 17', classes: 17, rows: 40, grid: SQUARE, maxWeight: 9, members: 2, shards: 1 },
  { name: 'K = 25', classes: 25, rows: 30, grid: SMALL, members: 2, shards: 1 },
  {
    name: 'K = 32 pinned',
    classes: 32,
    rows: 40,
    grid: SMALL,
    pinned: true,
    maxWeight: 5,
    members: 2,
    shards: 2,
  },
];

function modelOf(example: Case, seed: number): TinyModel {
  const { classes, rows, grid, pinned, maxWeight, litChance } = example;
  const features = grid.rows * grid.columns;
  const next = uniforms(seed);
  return tinyModel({
    ...{ features, classes, rows, grid, seed },
    pinned: pinned ?? false,
    maxWeight: maxWeight ?? 1,
    litChance: Array.from({ length: features }, () => (litChance ?? 0.4) * 2 * next()),
    pi: 0.3,
  });
}

/** Deals rows to `count` shards. */
function split(rows: Rows, count: number): Rows[] {
  const numbers = Array.from({ length: rows.count }, (_, n) => n);
  return Array.from({ length: count }, (_, s) =>
    takeRows(
      rows,
      numbers.filter((n) => n % count === s),
    ),
  );
}

function threeKernels(tf: TensorFlow, rule: ChainRule): SideBySide {
  return new SideBySide([new ReferenceKernel(rule), WasmKernel.alone(rule), TfjsKernel.alone(tf, rule)]);
}

for (const [seed, example] of CASES.entries()) {
  const { model, rows } = modelOf(example, seed + 1);
  const rule = ruleOf(model, 2000 + seed);
  const betaQ = example.betaQ ?? BETA_ONE_Q;
  const alone = featureOwners([model.lit], model.features, neighbourPairs(model));

  testNative(`windows of random guesses: ${example.name}`, (tf) => {
    const before = new NativeOps(tf).held;
    const shards = split(rows, example.members * example.shards);
    const members = Array.from({ length: example.members }, (_, m) =>
      shards.slice(m * example.shards, (m + 1) * example.shards),
    );
    const kernels = members.map(() => threeKernels(tf, rule));
    const walk = new GroupWalk({ rule, chain: 2, kernels, shards: members }, uniforms(seed));
    for (let sweep = 0; sweep < 3; sweep++) walk.sweep(sweep, betaQ);
    walk.state();
    assert.equal(walk.staleRows(), 0);
    for (const kernel of kernels) kernel.dispose();
    assert.equal(new NativeOps(tf).held, before);
  });

  testNative(`chains side by side, at the same and at different sweeps: ${example.name}`, (tf) => {
    const kernel = threeKernels(tf, rule);
    const shards = split(rows, example.shards);
    shards.forEach((part, s) => kernel.addShard(s, part));
    const covered = shards.map((_, s) => s);
    const chains = Array.from({ length: 10 }, (_, chain) => chain);
    for (const chain of chains) {
      kernel.attach({ slot: chain, shards: covered, owners: alone, self: 1 }, randomStart(model, 1, chain));
    }
    const solo = (chain: number): SoloJob => {
      const sweep = chain % 3;
      const betasQ = Int32Array.of(9000, betaQ, 0, betaQ);
      return { kind: 'solo', slot: chain, chain, sweep, betasQ, reportAfter: [sweep + 1] };
    };
    kernel.walk(chains.map(solo));
    for (const chain of chains) assert.equal(kernel.audit(chain), 0);
    kernel.flipDeltasQ(9);
    kernel.dispose();
  });
}

function isFlip(model: Model, site: number): boolean {
  const j = Math.floor(site / model.classes);
  return j < model.features && model.lit[j] === 1;
}

testNative('windows of several chains in one call, undone across the border of a block', (tf) => {
  const { model, rows } = modelOf({ ...CASES[6]!, rows: 60 }, 77);
  const rule = ruleOf(model, 99);
  const kernel = threeKernels(tf, rule);
  kernel.addShard(4, rows);
  // Every feature is shared, as if other members had the same ones: nothing is decided here.
  const owners = model.lit.map((lit) => (lit ? 255 : 0));
  const chains = [0, 1, 2, 3, 4];
  for (const slot of chains)
    kernel.attach({ slot, shards: [4], owners, self: 1 }, randomStart(model, 3, slot));
  const { sites } = planSweep(model, neighbourPairs(model), rule.moves, rule.seed, 0);
  const next = uniforms(5);
  const guess = (): Uint8Array => Uint8Array.from({ length: 300 }, () => Math.floor(next() * 256));
  const last = chains.map(() => ({ from: 0, to: 0 }));
  /** A window behind the last one, of which the last flip before `to - undone` and all after it is undone, if there is one. */
  const window = (slot: number, undone: number): WindowJob => {
    const { from, to } = last[slot]!;
    let settleAt = undone > 0 ? to - undone : -1;
    while (settleAt >= from && !isFlip(model, sites[settleAt]!)) settleAt--;
    if (settleAt < from) settleAt = -1;
    const start = settleAt >= 0 ? settleAt + 1 : to;
    last[slot] = { from: start, to: start + 300 };
    const job = { kind: 'window', slot, chain: slot, sweep: 0, betaQ: 1, settleAt } as const;
    return { ...job, ...last[slot], guess: guess(), report: true };
  };
  for (let i = 0; i < 16; i++) {
    // Back by up to 280 sites, on by 300: borders of blocks lie at most 704 apart, and the flips end at 1,584.
    kernel.walk(chains.map((slot) => window(slot, i % 5 === 0 ? 0 : 1 + Math.floor(next() * 280))));
  }
  for (const slot of chains) assert.equal(kernel.audit(slot), 0);
  kernel.dispose();
});

testNative('a shard that is dropped and another one under its number', (tf) => {
  const { model, rows } = modelOf(CASES[0]!, 5);
  const rule = ruleOf(model, 3);
  const kernel = threeKernels(tf, rule);
  const owners = featureOwners([model.lit], model.features, neighbourPairs(model));
  for (const part of split(rows, 2)) {
    kernel.addShard(1, part);
    kernel.attach({ slot: 0, shards: [1], owners, self: 1 }, randomStart(model, 1, 0));
    kernel.walk([
      { kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ: Int32Array.of(BETA_ONE_Q), reportAfter: [] },
    ]);
    kernel.detach(0);
    kernel.dropShard(1);
  }
  kernel.dispose();
});
