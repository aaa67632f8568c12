/** At the ends of the ranges that the integer arithmetic allows, the kernels still agree with the definition. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildModel, MAX_LIT_PER_ROW, MAX_SHARD_WEIGHT, type Model } from '../../../src/posterior/model.js';
import { litFeatures, packRows, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { MAX_CLASSES, NAT_Q } from '../../../src/posterior/grid.js';
import { featureOwners } from '../../../src/sampler/owners.js';
import { ALL_MOVES, neighbourPairs, type Moves } from '../../../src/sampler/sites.js';
import { REFERENCE, WASM } from '../../support/kernels.js';

interface Extreme {
  readonly model: Model;
  readonly rows: Rows;
  readonly w: Uint8Array;
  readonly moves: Moves;
}

/** What a kernel says of a state, and of where a few sweeps lead. */
function walked({ model, rows, w, moves }: Extreme, { make }: typeof WASM) {
  const kernel = make({ model, moves, seed: 8 });
  kernel.addShard(0, rows);
  const owners = featureOwners([model.lit], model.features, neighbourPairs(model));
  const start = kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, w);
  const deltasQ = kernel.flipDeltasQ(0);
  const betasQ = Int32Array.of(0, 5000, BETA_ONE_Q);
  const [result] = kernel.walk([{ kind: 'solo', slot: 0, chain: 0, sweep: 0, betasQ, reportAfter: [0, 1] }]);
  assert.ok(result?.kind === 'solo');
  const stale = kernel.audit(0);
  kernel.dispose();
  return { start, deltasQ, reports: result.reports, stale };
}

/** Both kernels say the same; returns what they say. */
function agreed(extreme: Extreme) {
  const [reference, wasm] = [walked(extreme, REFERENCE), walked(extreme, WASM)];
  assert.deepEqual(wasm, reference);
  assert.equal(wasm.stale, 0);
  return wasm;
}

describe('at the ends of the ranges', () => {
  it(`${MAX_LIT_PER_ROW} lit features a row: logits up to the end of int16`, () => {
    const features = MAX_LIT_PER_ROW;
    const dense = new Uint8Array(2 * features).fill(1, 0, features + 1);
    const rows = packRows(dense, features, [1, 0]);
    const model = buildModel({ features, classes: 2, lit: litFeatures(rows) });
    const w = Uint8Array.from({ length: 2 * features }, (_, i) => (i + 1) % 2);
    const { start, deltasQ } = agreed({ model, rows, w, moves: { rows: true, swaps: false } });
    // The first row has logits 32,766 and 0 and label 1, the second 1 and 0 and label 0.
    assert.ok(start.logLikQ < -features * NAT_Q + 2 * NAT_Q);
    assert.equal(deltasQ[features], NAT_Q);
  });

  for (const weights of [
    [MAX_SHARD_WEIGHT],
    [MAX_SHARD_WEIGHT - 1, 1],
    [1, 2, 7, 8, 14, 15, 16, 255, 256, 4000, 32767, 20_000],
    Array<number>(20).fill(3276),
  ]) {
    it(`row weights ${weights.slice(0, 4).join(', ')}${weights.length > 4 ? ', …' : ''}`, () => {
      const features = 5;
      // Every row lights feature 0, so that its flip moves all of the weight.
      const dense = weights.flatMap((_, n) => [1, n & 1, (n >> 1) & 1, (n >> 2) & 1, 1]);
      const rows = packRows(
        dense,
        features,
        weights.map((_, n) => n % 3),
        weights,
      );
      const model = buildModel({ features, classes: 3, lit: litFeatures(rows), pi: 0.3 });
      agreed({ model, rows, w: new Uint8Array(3 * features), moves: ALL_MOVES });
      agreed({
        model,
        rows,
        w: Uint8Array.from({ length: 3 * features }, (_, i) => Number(i % 3 === 2)),
        moves: ALL_MOVES,
      });
    });
  }

  it(`a delta of nearly ${MAX_SHARD_WEIGHT} nat`, () => {
    const rows = packRows([1, 1], 2, [0], [MAX_SHARD_WEIGHT]);
    const model = buildModel({ features: 2, classes: 32, lit: litFeatures(rows) });
    const { deltasQ } = agreed({ model, rows, w: new Uint8Array(64), moves: ALL_MOVES });
    assert.ok(deltasQ[0]! > 0.94 * MAX_SHARD_WEIGHT * NAT_Q && deltasQ[0]! < MAX_SHARD_WEIGHT * NAT_Q);
  });

  it(`${MAX_CLASSES} classes with equal logits`, () => {
    const features = 3;
    const rows = packRows([1, 1, 1, 0, 1, 1], features, [31, 0]);
    const model = buildModel({ features, classes: MAX_CLASSES, lit: litFeatures(rows) });
    for (const bit of [0, 1]) {
      const { start } = agreed({
        model,
        rows,
        w: new Uint8Array(features * MAX_CLASSES).fill(bit),
        moves: ALL_MOVES,
      });
      assert.equal(start.logLikQ, -2 * Math.round(NAT_Q * Math.log(MAX_CLASSES)));
    }
  });
});
