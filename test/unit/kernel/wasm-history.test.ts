/** A row is the same after any history as worked out afresh, above all around the distance where flips leave it alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { E_ZERO_FROM, FAR } from '../../../src/posterior/grid.js';
import { isLit } from '../../../src/posterior/rows.js';
import { SHARED, UNLIT } from '../../../src/sampler/owners.js';
import { neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { ruleOf, tinyModel, uniforms } from '../../support/tiny-models.js';

const FEATURES = 60;
const CLASSES = 10;

/** Class 0 has all its bits, class k some 10 + k fewer: most rows have classes 9 to 18 below their maximum. */
function spreadWeights(): Uint8Array {
  return Uint8Array.from({ length: FEATURES * CLASSES }, (_, i) => {
    const [j, k] = [Math.floor(i / CLASSES), i % CLASSES];
    return k === 0 || j >= 10 + k ? 1 : 0;
  });
}

test('classes around the distance where a flip leaves the rest of a row alone', () => {
  const { model, rows } = tinyModel({
    ...{ features: FEATURES, classes: CLASSES, rows: 300, seed: 6, litChance: 0.9, maxWeight: 2 },
    grid: { rows: 6, columns: 10 },
  });
  const rule = ruleOf(model, 21);
  const kernel = WasmKernel.alone(rule);
  kernel.addShard(0, rows);
  const owners = Uint8Array.from(model.lit, (lit) => (lit ? SHARED : UNLIT));
  const w = spreadWeights();
  kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, w);

  const distances = new Set<number>();
  for (let n = 0; n < rows.count; n++) {
    const z = new Array<number>(CLASSES).fill(0);
    for (let j = 0; j < FEATURES; j++) {
      if (isLit(rows, n, j)) z.forEach((_, k) => (z[k]! += w[j * CLASSES + k]!));
    }
    z.forEach((logit) => distances.add(Math.max(...z) - logit));
  }
  for (let d = E_ZERO_FROM - 2; d <= FAR + 1; d++)
    assert.ok(distances.has(d), `no class ${d} below its maximum`);

  // A third of the flips and swaps is taken, and half of the windows are undone in part.
  const { sites } = planSweep(model, neighbourPairs(model), rule.moves, rule.seed, 0);
  const next = uniforms(9);
  let settleAt = -1;
  for (let from = 0; from < sites.length;) {
    const to = Math.min(sites.length, from + 20);
    const guess = Uint8Array.from({ length: 3 }, () => Math.floor(next() * 256) & Math.floor(next() * 512));
    const window = { kind: 'window', slot: 0, chain: 0, sweep: 0, betaQ: 1, settleAt, from, to } as const;
    kernel.walk([{ ...window, guess, report: false }]);
    const wrong = from + Math.floor(next() * (to - from));
    const flip = sites[wrong]! < FEATURES * CLASSES;
    settleAt = flip && next() < 0.5 ? wrong : -1;
    from = settleAt >= 0 ? wrong + 1 : to;
    assert.equal(kernel.audit(0), 0, `after position ${to}`);
  }
});
