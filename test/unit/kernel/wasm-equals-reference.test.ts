/** The WebAssembly kernel against the reference kernel: the same integers for every call, on random small models. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlipKernel, SlotReport, SlotSpec, WalkJob, WalkResult } from '../../../src/kernel/kernel.js';
import { BLOCK_ALWAYS, BLOCK_CHOSEN, BLOCK_NEVER } from '../../../src/kernel/wasm/layout.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import type { FeatureGrid } from '../../../src/posterior/model.js';
import { takeRows, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { featureOwners } from '../../../src/sampler/owners.js';
import { neighbourPairs } from '../../../src/sampler/sites.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel, uniforms, type TinyModel } from '../../support/tiny-models.js';
import { GroupWalk } from '../../support/walk-protocol.js';

/** Does everything with both kernels and gives what both say. */
class TwinKernel implements FlipKernel {
  readonly name = 'wasm';

  constructor(
    readonly wasm: FlipKernel,
    readonly reference: FlipKernel,
  ) {}

  addShard(shard: number, rows: Rows): void {
    this.wasm.addShard(shard, rows);
    this.reference.addShard(shard, rows);
  }

  dropShard(shard: number): void {
    this.wasm.dropShard(shard);
    this.reference.dropShard(shard);
  }

  attach(spec: SlotSpec, w: Uint8Array): SlotReport {
    return this.#same(this.wasm.attach(spec, w), this.reference.attach(spec, w));
  }

  detach(slot: number): void {
    this.wasm.detach(slot);
    this.reference.detach(slot);
  }

  walk(jobs: readonly WalkJob[]): WalkResult[] {
    return this.#same(this.wasm.walk(jobs), this.reference.walk(jobs));
  }

  flipDeltasQ(slot: number): Int32Array {
    return this.#same(this.wasm.flipDeltasQ(slot), this.reference.flipDeltasQ(slot));
  }

  audit(slot: number): number {
    return this.#same(this.wasm.audit(slot), this.reference.audit(slot));
  }

  dispose(): void {
    this.wasm.dispose();
    this.reference.dispose();
  }

  #same<T>(wasm: T, reference: T): T {
    assert.deepEqual(known(wasm), known(reference));
    return wasm;
  }
}

/** Bits of features that another member owns mean nothing in a report: the walk reads each from its owner. */
function known(result: unknown): unknown {
  return JSON.parse(
    JSON.stringify(result, (key, value: unknown) =>
      key === 'w' ? undefined : ArrayBuffer.isView(value) ? [...(value as Int32Array)] : value,
    ),
  );
}

interface Case {
  readonly name: string;
  readonly classes: number;
  readonly rows: number;
  readonly grid: FeatureGrid;
  readonly pinned?: boolean;
  readonly maxWeight?: number;
  readonly litChance?: number;
  /** How many members, and shards a member. */
  readonly members: number;
  readonly shards: number;
  readonly betaQ?: number;
  /** All rows have label 0, and a prior parts its weights from the others': every row is certain. */
  readonly certain?: boolean;
}

const WIDE = { rows: 3, columns: 24 };
const SQUARE = { rows: 4, columns: 4 };

const CASES: readonly Case[] = [
  { name: 'K = 2', classes: 2, rows: 90, grid: SQUARE, members: 2, shards: 1 },
  {
    name: 'K = 2, class 0 pinned, weights',
    classes: 2,
    rows: 60,
    grid: SQUARE,
    pinned: true,
    maxWeight: 40,
    members: 2,
    shards: 2,
  },
  {
    name: 'K = 3, over a block',
    classes: 3,
    rows: 40,
    grid: WIDE,
    maxWeight: 2,
    litChance: 0.1,
    members: 3,
    shards: 1,
  },
  { name: 'K = 2, certain rows', classes: 2, rows: 500, grid: WIDE, members: 2, shards: 1, certain: true },
  {
    name: 'K = 4, rare features',
    classes: 4,
    rows: 30,
    grid: SQUARE,
    litChance: 0.06,
    members: 3,
    shards: 2,
  },
  { name: 'K = 7', classes: 7, rows: 50, grid: SQUARE, maxWeight: 3, members: 2, shards: 2 },
  { name: 'K = 10, over a block', classes: 10, rows: 60, grid: WIDE, litChance: 0.2, members: 2, shards: 1 },
  {
    name: 'K = 10, hot',
    classes: 10,
    rows: 60,
    grid: SQUARE,
    litChance: 0.15,
    members: 3,
    shards: 1,
    betaQ: 4000,
  },
  { name: 'K = 16, prior alone', classes: 16, rows: 30, grid: SQUARE, members: 2, shards: 1, betaQ: 0 },
  { name: 'K = 17', classes: 17, rows: 40, grid: SQUARE, maxWeight: 9, members: 2, shards: 1 },
  { name: 'K = 25', classes: 25, rows: 30, grid: { rows: 2, columns: 4 }, members: 2, shards: 1 },
  {
    name: 'K = 32, class 0 pinned',
    classes: 32,
    rows: 40,
    grid: { rows: 2, columns: 4 },
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
  const tiny = tinyModel({
    ...{ features, classes, rows, grid, seed },
    pinned: pinned ?? false,
    maxWeight: maxWeight ?? 1,
    litChance: litChance ?? 0.4,
    pi: Array.from({ length: features * classes }, (_, i) => {
      if (example.certain) return i % classes === 0 ? 0.95 : 0.05;
      return 0.05 + 0.9 * next();
    }),
  });
  if (!example.certain) return tiny;
  return { ...tiny, rows: { ...tiny.rows, labels: new Uint8Array(tiny.rows.count) } };
}

/** Deals rows to `count` shards. */
function split(rows: Rows, count: number): Rows[] {
  return Array.from({ length: count }, (_, s) =>
    takeRows(
      rows,
      Array.from({ length: rows.count }, (_, n) => n).filter((n) => n % count === s),
    ),
  );
}

/** Where a block's sums come from changes no integer: as the kernel chooses, from each list, or all at once. */
const WAYS = { chosen: BLOCK_CHOSEN, 'list by list': BLOCK_NEVER, 'blocks at once': BLOCK_ALWAYS };

for (const [seed, example, way, blockSums] of CASES.flatMap((one, number) =>
  Object.entries(WAYS).map((entry) => [number, one, ...entry] as const),
)) {
  const { model, rows } = modelOf(example, seed + 1);
  const rule = ruleOf(model, 1000 + seed);
  const betaQ = example.betaQ ?? BETA_ONE_Q;

  test(`windows of guesses: ${example.name}, ${way}`, () => {
    const shards = split(rows, example.members * example.shards);
    const members = Array.from({ length: example.members }, (_, m) =>
      shards.slice(m * example.shards, (m + 1) * example.shards),
    );
    const kernels = members.map(
      () => new TwinKernel(WasmKernel.alone(rule, blockSums), new ReferenceKernel(rule)),
    );
    const walk = new GroupWalk({ rule, chain: 2, kernels, shards: members }, uniforms(seed));
    for (let sweep = 0; sweep < 3; sweep++) walk.sweep(sweep, betaQ);
    const { w } = walk.state();
    kernels.forEach((kernel) => kernel.flipDeltasQ(3));
    assert.equal(walk.staleRows(), 0);

    const whole = wholeSlot(rule, shards);
    whole.walk([
      { kind: 'solo', slot: 0, chain: 2, sweep: 0, betasQ: new Int32Array(3).fill(betaQ), reportAfter: [] },
    ]);
    const [last] = whole.walk([emptyWindow(2)]);
    assert.ok(last?.kind === 'window' && last.report);
    assert.deepEqual(last.report.w, w);
  });

  test(`whole sweeps alone: ${example.name}, ${way}`, () => {
    const whole = wholeSlot(rule, split(rows, example.shards));
    const betasQ = Int32Array.from([4000, 20000, 0, betaQ, BETA_ONE_Q]);
    whole.walk([{ kind: 'solo', slot: 0, chain: 5, sweep: 7, betasQ, reportAfter: [7, 9] }]);
    const state = [whole.wasm, whole.reference].map((kernel) => kernel.walk([emptyWindow(11)])[0]!);
    assert.deepEqual(state[0], state[1]);
    whole.flipDeltasQ(0);
    assert.equal(whole.audit(0), 0);
  });

  /** A slot that owns every feature, over all shards. */
  function wholeSlot(ofRule: typeof rule, shards: readonly Rows[]): TwinKernel {
    const twin = new TwinKernel(WasmKernel.alone(ofRule, blockSums), new ReferenceKernel(ofRule));
    shards.forEach((part, s) => twin.addShard(s, part));
    const owners = featureOwners([model.lit], model.features, neighbourPairs(model));
    const spec = { slot: 0, shards: shards.map((_, s) => s), owners, self: 1 };
    twin.attach(spec, randomStart(model, ofRule.seed, 2));
    return twin;
  }
}

/** A window of no sites, for its report. */
function emptyWindow(sweep: number): WalkJob {
  const none = new Uint8Array(0);
  return {
    kind: 'window',
    slot: 0,
    chain: 2,
    sweep,
    betaQ: 1,
    settleAt: -1,
    from: 0,
    to: 0,
    guess: none,
    report: true,
  };
}
