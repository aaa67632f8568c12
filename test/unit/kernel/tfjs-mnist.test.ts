/** The tfjs kernel against the wasm kernel on 3,000 MNIST images: three chains, whole sweeps and windows. */
import assert from 'node:assert/strict';
import { MNIST_CLASSES, MNIST_SIDE, readMnist } from '../../../src/data/mnist.js';
import { takeFirst } from '../../../src/data/subset.js';
import type { SoloJob, WindowJob } from '../../../src/kernel/kernel.js';
import { TfjsKernel } from '../../../src/kernel/tfjs/tfjs-kernel.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { buildModel } from '../../../src/posterior/model.js';
import { litFeatures } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { featureOwners, SHARED } from '../../../src/sampler/owners.js';
import { neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { testNative } from '../../support/native.js';
import { SideBySide } from '../../support/side-by-side.js';
import { ruleOf, uniforms } from '../../support/tiny-models.js';

testNative('3,000 MNIST images: tfjs gives what wasm gives', (tf) => {
  const rows = takeFirst(readMnist(33).train, 3000, 'mnist');
  const lit = litFeatures(rows);
  const grid = { rows: MNIST_SIDE, columns: MNIST_SIDE };
  const model = buildModel({ features: rows.features, classes: MNIST_CLASSES, grid, lit });
  const rule = ruleOf(model, 11);
  const kernel = new SideBySide([WasmKernel.alone(rule), TfjsKernel.alone(tf, rule)]);
  kernel.addShard(0, rows);
  const chains = [0, 1, 2];
  const own = featureOwners([lit], rows.features, neighbourPairs(model));
  for (const slot of chains) {
    kernel.attach({ slot, shards: [0], owners: own, self: 1 }, randomStart(model, 1, slot));
  }
  const betasQ = Int32Array.of(8000, 30000, BETA_ONE_Q, BETA_ONE_Q);
  const solo = (slot: number): SoloJob => ({
    kind: 'solo',
    slot,
    chain: slot,
    sweep: 0,
    betasQ,
    reportAfter: [],
  });
  const results = kernel.walk(chains.map(solo));
  for (const slot of chains) assert.equal(kernel.audit(slot), 0);

  const shared = own.map((owner) => (owner ? SHARED : owner));
  const { sites } = planSweep(model, neighbourPairs(model), rule.moves, rule.seed, 4);
  const next = uniforms(1);
  results.forEach((result, slot) => {
    assert.ok(result.kind === 'solo');
    const { w } = result.reports[0]!.report;
    kernel.attach({ slot, shards: [0], owners: shared, self: 1 }, w);
  });
  for (let from = 0; from < sites.length; from += 600) {
    const window = (slot: number): WindowJob => ({
      ...{ kind: 'window', slot, chain: slot, sweep: 4, betaQ: BETA_ONE_Q, settleAt: -1 },
      ...{ from, to: Math.min(sites.length, from + 600), report: true },
      guess: Uint8Array.from({ length: 75 }, () => (next() < 0.3 ? 1 << Math.floor(8 * next()) : 0)),
    });
    kernel.walk(chains.map(window));
  }
  for (const slot of chains) assert.equal(kernel.audit(slot), 0);
  kernel.dispose();
});
