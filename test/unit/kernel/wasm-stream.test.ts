/** The random stream, thresholds and plans of the WebAssembly module against src/posterior and src/sampler, bit for bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena } from '../../../src/kernel/wasm/arena.js';
import { flipInstance, flipModule } from '../../../src/kernel/wasm/load.js';
import { writeTables } from '../../../src/kernel/wasm/tables.js';
import { WasmSweepTables } from '../../../src/kernel/wasm/sweep-tables.js';
import { NAT_Q } from '../../../src/posterior/grid.js';
import { buildModel, type ModelSpec } from '../../../src/posterior/model.js';
import { Domain, MAX_SEED, uniform53 } from '../../../src/posterior/stream.js';
import { logit53, thresholdQ } from '../../../src/posterior/threshold.js';
import { ALL_MOVES, neighbourPairs, planSweep, type Moves } from '../../../src/sampler/sites.js';
import { uniforms } from '../../support/tiny-models.js';

const arena = new Arena();
writeTables(arena);
const wasm = flipInstance(flipModule(), arena.memory);

function setSeed(seed: number): void {
  wasm.setSeed(seed >>> 0, Math.floor(seed / 2 ** 32));
}

test('uniform numbers of 53 bits', () => {
  for (const seed of [0, 1, 2 ** 32 + 5, MAX_SEED]) {
    setSeed(seed);
    for (let i = 0; i < 25_000; i++) {
      const [site, sweep, chain] = [i * 7919, i & 1023, i % 37];
      const expected = uniform53(seed, site, sweep, chain, Domain.accept);
      if (Number(wasm.acceptBits(site, sweep, chain)) !== expected) assert.fail(`${seed}, ${i}`);
    }
  }
});

const EDGES = [0, 1, 2, 3, 2 ** 51, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, 2 ** 53 - 2, 2 ** 53 - 1];

test('logit and thresholds', () => {
  const next = uniforms(1);
  const random = Array.from({ length: 20_000 }, () => Math.floor(next() * 2 ** 53));
  const rare = Array.from({ length: 500 }, () => Math.floor(2 ** (53 * next())));
  const mirrored = rare.map((bits) => 2 ** 53 - bits);
  for (const bits of [...EDGES, ...random, ...rare, ...mirrored]) {
    if (wasm.logit53(BigInt(bits)) !== logit53(bits)) assert.fail(`logit of ${bits}`);
    for (const betaQ of [0, 1, 7864, 65535, 65536]) {
      const priorQ = Math.round((next() - 0.5) * 200_000);
      const actual = wasm.thresholdQ(BigInt(bits), priorQ, betaQ);
      if (actual !== thresholdQ(bits, priorQ, betaQ))
        assert.fail(`threshold of ${bits}, ${priorQ}, ${betaQ}`);
    }
  }
});

test('a move is taken at its threshold and not below it', () => {
  const next = uniforms(2);
  const random = Array.from({ length: 20_000 }, () => Math.floor(next() * 2 ** 53));
  const edges = Array.from({ length: 1025 }, (_, i) => [-1, 0, 1].map((by) => i * 2 ** 43 + by)).flat();
  for (const bits of [...edges, ...random]) {
    if (bits < 0 || bits >= 2 ** 53) continue;
    for (const betaQ of [0, 1, 7864, 65535, 65536]) {
      const priorQ = Math.round((next() - 0.5) * 20_000);
      const threshold = thresholdQ(bits, priorQ, betaQ);
      const anywhere = Math.round((next() - 0.5) * 20_000);
      for (const deltaQ of [
        threshold - 1,
        threshold,
        threshold + 1,
        threshold - 5,
        threshold + 5,
        anywhere,
        0,
      ]) {
        if (Math.abs(deltaQ) > 2 ** 31 - 4096) continue;
        const actual = wasm.isTaken(BigInt(bits), priorQ, betaQ, deltaQ) !== 0;
        if (actual !== deltaQ >= threshold) assert.fail(`${bits}, ${priorQ}, ${betaQ}, ${deltaQ}`);
      }
    }
  }
});

const MODELS: readonly (Omit<ModelSpec, 'lit'> & { readonly moves: Moves })[] = [
  { features: 70, classes: 3, grid: { rows: 7, columns: 10 }, moves: ALL_MOVES },
  { features: 25, classes: 2, pinned: true, grid: { rows: 5, columns: 5 }, moves: ALL_MOVES },
  { features: 784, classes: 10, grid: { rows: 28, columns: 28 }, moves: ALL_MOVES },
  { features: 200, classes: 32, moves: { rows: true, swaps: false } },
  { features: 1, classes: 2, moves: { rows: false, swaps: true } },
];

for (const { moves, ...spec } of MODELS) {
  test(`plans and needs: ${spec.features} features, ${spec.classes} classes`, () => {
    const next = uniforms(spec.features);
    const lit = Uint8Array.from({ length: spec.features }, () => Number(next() < 0.8));
    const model = buildModel({ ...spec, lit });
    const pairs = neighbourPairs(model);
    const seed = Math.floor(next() * 2 ** 53);
    const tables = new WasmSweepTables({ model, moves, seed });
    for (const sweep of [0, 1, 2, 3, 1_000_000, 1]) {
      const plan = planSweep(model, pairs, moves, seed, sweep);
      assert.deepEqual(tables.plan(sweep), plan);
      const needQ = new Float64Array(plan.sites.length);
      tables.fillNeedQ(9, sweep, needQ);
      const expected = Float64Array.from(
        plan.sites,
        (site) => NAT_Q * logit53(uniform53(seed, site, sweep, 9, Domain.accept)),
      );
      assert.deepEqual(needQ, expected);
    }
  });
}
