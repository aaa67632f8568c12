/** Sums that come from elsewhere: the same walk, and sums that stay right whatever rows are rewritten or undone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainRule, SlotReport } from '../../../src/kernel/kernel.js';
import { SUM_LANES } from '../../../src/kernel/wasm/block-seam.js';
import { WasmPool } from '../../../src/kernel/wasm/pool.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { isLit, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { featureOwners } from '../../../src/sampler/owners.js';
import { neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { ruleOf, tinyModel, uniforms } from '../../support/tiny-models.js';

const FEATURES = 70;
const CLASSES = 5;
const { model, rows } = tinyModel({
  ...{ features: FEATURES, classes: CLASSES, rows: 80, seed: 3, maxWeight: 3, litChance: 0.3 },
  grid: { rows: 7, columns: 10 },
});
const rule = ruleOf(model, 8);
const pairs = neighbourPairs(model);

function attach(kernel: WasmKernel, ofRule: ChainRule): SlotReport {
  const owners = featureOwners([ofRule.model.lit], FEATURES, pairs);
  return kernel.attach({ slot: 0, shards: [4], owners, self: 1 }, randomStart(ofRule.model, 8, 0));
}

function alone(): WasmKernel {
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(4, rows);
  attach(kernel, rule);
  return kernel;
}

const turn = { chain: 0, sweep: 2, betaQ: 30_000 };

/** Features of a block that somebody else sums: all but every third. */
function maskOf(first: number): bigint {
  let mask = 0n;
  for (let f = 0; f < 64 && first + f < FEATURES; f++) if (f % 3 !== 0) mask |= 1n << BigInt(f);
  return mask;
}

/** Sums of the features of a mask, 2K lanes each, the rest left out. */
function lanes(sums: Int32Array, mask: bigint): number[][] {
  return Array.from({ length: 64 }, (_, f) => f)
    .filter((f) => (mask >> BigInt(f)) & 1n)
    .map((f) => [...sums.subarray(f * SUM_LANES, f * SUM_LANES + 2 * CLASSES)]);
}

test('a sweep by blocks is the sweep', () => {
  const whole = alone();
  const job = { kind: 'solo', slot: 0, chain: 0, sweep: 2, reportAfter: [] } as const;
  const [expected] = whole.walk([{ ...job, betasQ: Int32Array.of(turn.betaQ) }]);
  const kernel = alone();
  const { sites, blockStarts } = kernel.blocks.plan(turn.sweep);
  assert.deepEqual(
    kernel.blocks.plan(turn.sweep),
    planSweep(model, pairs, rule.moves, rule.seed, turn.sweep),
  );
  for (let b = 0; b + 1 < blockStarts.length; b++) {
    const first = 64 * Math.floor(sites[blockStarts[b]!]! / CLASSES / 64);
    kernel.blocks.begin(0, first, maskOf(first));
    kernel.blocks.sumHere(0, maskOf(first));
    kernel.blocks.walkSolo(0, turn, blockStarts[b]!, blockStarts[b + 1]!);
    kernel.blocks.end(0);
  }
  kernel.blocks.walkSolo(0, turn, blockStarts.at(-1)!, sites.length);
  const window = {
    kind: 'window',
    slot: 0,
    chain: 0,
    sweep: 3,
    betaQ: 1,
    settleAt: -1,
    from: 0,
    to: 0,
  } as const;
  const [state] = kernel.walk([{ ...window, guess: new Uint8Array(0), report: true }]);
  assert.ok(expected?.kind === 'solo' && state?.kind === 'window');
  assert.deepEqual(state.report, expected.reports.at(-1)!.report);
  assert.ok(state.report!.counts.flipsAccepted > 50);
  assert.equal(kernel.audit(0), 0);
});

test('sums of a block stay current through windows and their undoing', () => {
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(4, rows);
  // Every feature is shared, so that guesses decide.
  const owners = Uint8Array.from(model.lit, (lit) => (lit ? 255 : 0));
  kernel.attach({ slot: 0, shards: [4], owners, self: 1 }, randomStart(model, 8, 0));
  const { sites, blockStarts } = kernel.blocks.plan(0);
  const first = 64 * Math.floor(sites[0]! / CLASSES / 64);
  kernel.blocks.begin(0, first, maskOf(first));
  kernel.blocks.sumHere(0, maskOf(first));
  const next = uniforms(5);
  const end = Math.min(blockStarts[1]!, 60);
  let settleAt = -1;
  let from = 0;
  while (from < end) {
    const to = Math.min(end, from + 9);
    const guess = Uint8Array.of(Math.floor(next() * 256), Math.floor(next() * 256));
    kernel.walk([
      {
        kind: 'window',
        slot: 0,
        chain: 0,
        sweep: 0,
        betaQ: BETA_ONE_Q,
        settleAt,
        from,
        to,
        guess,
        report: false,
      },
    ]);
    // Any flip of the window may turn out wrong; rows are known.
    const wrong = from + Math.floor(next() * (to - from));
    settleAt = sites[wrong]! < FEATURES * CLASSES ? wrong : -1;
    from = settleAt >= 0 ? settleAt + 1 : to;
    const kept = lanes(kernel.blocks.sums(0), maskOf(first));
    kernel.blocks.sumHere(0, maskOf(first));
    assert.deepEqual(kept, lanes(kernel.blocks.sums(0), maskOf(first)));
  }
  assert.equal(kernel.audit(0), 0);
});

test('tables, bitmaps and weights give the sums', () => {
  const pool = new WasmPool(rule);
  const kernel = WasmKernel.over(pool.description);
  pool.addShard(4, rows);
  pool.openSlot(0, [4]);
  attach(kernel, rule);
  const stride = 4 * (2 * CLASSES + 3);
  const at = pool.allocate(rows.count * stride);
  assert.deepEqual(kernel.blocks.segments(0), [{ shard: 4, rows: rows.count }]);
  kernel.blocks.copyTable(0, 0, { from: 0, to: rows.count }, at, stride);
  const table = new Float32Array(pool.description.memory.buffer, at, (rows.count * stride) / 4);
  const weights = kernel.blocks.rowWeights(0, 0);
  kernel.blocks.begin(0, 0, 1n << 9n);
  kernel.blocks.sumHere(0, 1n << 9n);
  const bitmap = kernel.blocks.bitmap(0, 0, 9);
  const sums = new Array<number>(2 * CLASSES).fill(0);
  let lit = 0;
  for (let n = 0; n < rows.count; n++) {
    if (((bitmap[n >> 3]! >> (n & 7)) & 1) === 0) continue;
    lit += weights[n]!;
    sums.forEach((_, lane) => (sums[lane]! += weights[n]! * table[(n * stride) / 4 + lane]!));
  }
  assert.deepEqual(lanes(kernel.blocks.sums(0), 1n << 9n), [sums]);
  assert.equal(lit, weightOf(rows, 9));
});

function weightOf(of: Rows, j: number): number {
  let sum = 0;
  for (let n = 0; n < of.count; n++) if (isLit(of, n, j)) sum += of.weights[n]!;
  return sum;
}
