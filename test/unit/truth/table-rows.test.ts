/**
 * What a kernel keeps after any history is what it would compute afresh, on logits so wide apart that classes lie 12 to 16
 * below an image's maximum: where a table row may first be left alone.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeRows, type Rows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import type { Model } from '../../../src/posterior/model.js';
import { firstFreeClass } from '../../../src/posterior/model.js';
import { featureOwners } from '../../../src/sampler/owners.js';
import { neighbourPairs } from '../../../src/sampler/sites.js';
import { REFERENCE, WASM } from '../../support/kernels.js';
import { logitsOf, referenceShard, ReferenceSlot } from '../../support/reference-slot.js';
import { ruleOf, tinyModel, uniforms, type TinyModel } from '../../support/tiny-models.js';
import { GroupWalk } from '../../support/walk-protocol.js';

const FEATURES = 48;
/** Hot: most moves are decided by the prior, which keeps the classes apart. */
const BETA_Q = 650;
/** Few classes need more sweeps to be seen at every distance. */
const sweepsOf = ({ classes }: Case): number => (classes > 10 ? 4 : 15);

interface Case {
  readonly classes: number;
  readonly pinned: boolean;
  /** Largest share of ones of a class. */
  readonly top: number;
}

const CASES: readonly Case[] = [
  { classes: 2, pinned: true, top: 0.35 },
  { classes: 3, pinned: false, top: 0.45 },
  { classes: 10, pinned: false, top: 0.9 },
  { classes: 10, pinned: true, top: 0.9 },
  { classes: 32, pinned: false, top: 0.9 },
];

/** Classes' shares of ones are spread from .1 up, so that the logits of some 40 lit features are 14 to 32 apart. */
function wideModel({ classes, pinned, top }: Case): TinyModel {
  const pi = Array.from({ length: classes }, (_, k) => 0.1 + ((top - 0.1) * k) / (classes - 1));
  const shape = { features: FEATURES, classes, rows: 37, grid: { rows: 6, columns: 8 } };
  return tinyModel({ ...shape, seed: 40 + classes, pi, pinned, litChance: 0.85, maxWeight: 3, signal: 0.3 });
}

/** Flip deltas and log-likelihood of these rows in state w, from the definition. */
function definition(model: Model, rows: Rows, w: Uint8Array) {
  const spec = { slot: 0, shards: [], owners: model.lit, self: 1 };
  const slot = new ReferenceSlot(model, [referenceShard(rows)], spec, w);
  const deltasQ = Int32Array.from(w, (_, i) => {
    const k = i % model.classes;
    return k < firstFreeClass(model) ? 0 : slot.deltaQ([{ j: Math.floor(i / model.classes), k }]);
  });
  return { deltasQ, logLikQ: slot.logLikQ(slot.freshLogits()) };
}

/** Counts how many classes lie at each distance below their image's maximum. */
function countDistances(model: Model, rows: Rows, w: Uint8Array, counts: Map<number, number>): void {
  const z = logitsOf(referenceShard(rows), w, model.classes);
  for (let n = 0; n < rows.count; n++) {
    const row = z.subarray(n * model.classes, (n + 1) * model.classes);
    const max = Math.max(...row);
    for (const zk of row) counts.set(max - zk, (counts.get(max - zk) ?? 0) + 1);
  }
}

function checkCovered(counts: ReadonlyMap<number, number>): void {
  for (let far = 12; far <= 16; far++)
    assert.ok((counts.get(far) ?? 0) >= 5, `${far} below: ${counts.get(far)} times`);
}

for (const kernelMaker of [REFERENCE, WASM]) {
  describe(`rows of the ${kernelMaker.name} kernel are as computed afresh`, () => {
    for (const example of CASES) {
      const name = `K = ${example.classes}${example.pinned ? ', pinned' : ''}`;

      it(`after whole sweeps: ${name}`, () => {
        const { model, rows } = wideModel(example);
        const kernel = kernelMaker.make(ruleOf(model, 3));
        kernel.addShard(0, rows);
        const owners = featureOwners([model.lit], model.features, neighbourPairs(model));
        const start = kernel.attach({ slot: 0, shards: [0], owners, self: 1 }, randomStart(model, 3, 0));
        const distances = new Map<number, number>();
        for (let sweep = 0; sweep < sweepsOf(example); sweep++) {
          const betasQ = Int32Array.of(BETA_Q);
          const job = { kind: 'solo', slot: 0, chain: 0, sweep, betasQ, reportAfter: [sweep] } as const;
          const [result] = kernel.walk([job]);
          assert.ok(result?.kind === 'solo');
          const { w, logLikQ, ownAcceptedSumQ } = result.reports[0]!.report;
          const expected = definition(model, rows, w);
          assert.equal(kernel.audit(0), 0);
          assert.equal(logLikQ, expected.logLikQ);
          assert.equal(ownAcceptedSumQ, logLikQ - start.logLikQ);
          assert.deepEqual(kernel.flipDeltasQ(0), expected.deltasQ);
          countDistances(model, rows, w, distances);
        }
        checkCovered(distances);
        kernel.dispose();
      });

      it(`after windows of wrong guesses: ${name}`, () => {
        const { model, rows } = wideModel(example);
        const shards = [0, 1].map((half) =>
          takeRows(
            rows,
            Array.from({ length: rows.count }, (_, n) => n).filter((n) => n % 2 === half),
          ),
        );
        const rule = ruleOf(model, 4);
        const kernels = shards.map(() => kernelMaker.make(rule));
        const group = { rule, chain: 1, kernels, shards: shards.map((shard) => [shard]) };
        const walk = new GroupWalk(group, uniforms(example.classes));
        const distances = new Map<number, number>();
        for (let sweep = 0; sweep < sweepsOf(example); sweep++) {
          walk.sweep(sweep, BETA_Q);
          const { w, logLikQ } = walk.state();
          const expected = shards.map((shard) => definition(model, shard, w));
          assert.equal(walk.staleRows(), 0);
          assert.equal(logLikQ, expected[0]!.logLikQ + expected[1]!.logLikQ);
          assert.deepEqual(
            walk.flipDeltasQ(),
            expected.map(({ deltasQ }) => deltasQ),
          );
          countDistances(model, rows, w, distances);
        }
        checkCovered(distances);
      });
    }
  });
}
