/** Merged rows with the wasm kernel against every row by itself with the reference kernel: the same integers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlipKernel } from '../../../src/kernel/kernel.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { mergeRows } from '../../../src/posterior/merged-rows.js';
import { takeRows, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

/** Each row as often as it weighs. */
function spelledOut(rows: Rows): Rows {
  const numbers = [...rows.weights].flatMap((weight, n) => Array<number>(weight).fill(n));
  const each = takeRows(rows, numbers);
  return { ...each, weights: each.weights.map(() => 1) };
}

for (const [classes, maxWeight] of [
  [2, 1],
  [3, 4],
  [10, 1],
  [32, 300],
] as const) {
  test(`${classes} classes, weights up to ${maxWeight}`, () => {
    const { model, rows } = tinyModel({
      ...{ features: 5, classes, rows: maxWeight > 100 ? 30 : 400, seed: classes, maxWeight, litChance: 0.3 },
      grid: { rows: 1, columns: 5 },
    });
    const rule = ruleOf(model, 6);
    const all = spelledOut(rows);
    const merged = mergeRows(all);
    assert.ok(merged.count < 0.75 * all.count && Math.max(...merged.weights) > 1);
    const w = randomStart(model, 6, 0);
    const walked = [[WasmKernel.alone(rule), merged] as const, [new ReferenceKernel(rule), all] as const].map(
      ([kernel, data]: readonly [FlipKernel, Rows]) => {
        kernel.addShard(0, data);
        const spec = { slot: 0, shards: [0], owners: Uint8Array.from(model.lit), self: 1 };
        const start = kernel.attach(spec, w);
        const betasQ = Int32Array.from([6000, 20000, BETA_ONE_Q, BETA_ONE_Q]);
        const job = { kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ, reportAfter: [0, 1, 2, 3] } as const;
        const [result] = kernel.walk([job]);
        return { start, result, deltas: [...kernel.flipDeltasQ(0)], stale: kernel.audit(0) };
      },
    );
    assert.deepEqual(walked[0], walked[1]);
    assert.equal(walked[0]!.stale, 0);
  });
}
