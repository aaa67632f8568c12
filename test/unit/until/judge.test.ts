import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startJudge } from '../../../src/coordinator/until/judge-service.js';
import { Judge, rowsToWatch } from '../../../src/coordinator/until/judge.js';
import { estimate } from '../../../src/diagnostics/scalar.js';
import { logPosterior } from '../../../src/posterior/model.js';
import { packWeights } from '../../../src/posterior/weights.js';
import { noCounts } from '../../../src/sampler/moves.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import { tinyModel, uniforms } from '../../support/tiny-models.js';

const CHAINS = 3;
const DRAWS = 150;
const { model, rows } = tinyModel({ features: 4, classes: 2, rows: 40, seed: 9 });
const watched = rowsToWatch(rows);

async function stored(): Promise<MemoryStore> {
  const next = uniforms(21);
  const store = new MemoryStore(CHAINS, 8);
  for (let draw = 0; draw < DRAWS; draw++) {
    for (let chain = 0; chain < CHAINS; chain++) {
      const w = Uint8Array.from({ length: 8 }, (_, i) => (next() < 0.2 + 0.08 * i ? 1 : 0));
      const logLikQ = -Math.floor(40960 * next());
      store.append({ chain, draw, sweep: draw, w, logLikQ, counts: noCounts() });
    }
  }
  await store.flush();
  return store;
}

describe('the judge of a run', () => {
  test('watches few rows, evenly spread', () => {
    assert.equal(watched.count, 16);
    assert.deepEqual(
      [...watched.labels],
      Array.from({ length: 16 }, (_, i) => rows.labels[Math.floor(i * 2.5)]),
    );
    assert.equal(rowsToWatch({ ...rows, count: 3 }).count, 3);
  });

  test('asks the rule about lp and the rows probabilities over all draws', async () => {
    const rule = { rhat: 1.1, ess: 50, mixed: 0.8 };
    const judge = new Judge({ rule, model, chains: CHAINS, watched });
    const lp = Array.from({ length: CHAINS }, () => new Float64Array(DRAWS));
    const bits = Array.from({ length: 8 }, () => lp.map(() => new Float64Array(DRAWS)));
    const probabilities = Array.from({ length: 16 }, () => lp.map(() => new Float64Array(DRAWS)));
    for await (const { chain, draw, w, logLikQ } of (await stored()).read(0, DRAWS)) {
      judge.add({ chain, draw, packed: packWeights(w), logLikQ });
      lp[chain]![draw] = logPosterior(model, w, logLikQ);
      bits.forEach((series, i) => (series[chain]![draw] = w[i]!));
      for (let n = 0; n < 16; n++) {
        const z = [0, 1].map((k) => {
          const lit = [0, 1, 2, 3].filter((j) => (watched.bits[n]! >> j) & 1);
          return lit.reduce((sum, j) => sum + w[2 * j + k]!, 0);
        });
        const label = watched.labels[n]!;
        probabilities[n]![chain]![draw] = 1 / (1 + Math.exp(z[1 - label]! - z[label]!));
      }
    }
    const { stop, reason } = judge.verdict();
    const moving = probabilities.map((series) => estimate(series)).filter(({ sd }) => sd > 0);
    const worst = Math.max(...moving.map(({ rhat }) => rhat)).toFixed(4);
    const least = Math.floor(Math.min(...moving.map(({ essBulk, essTail }) => Math.min(essBulk, essTail))));
    const own = estimate(lp);
    const mixed = bits
      .map((series) => estimate(series))
      .filter(({ rhat, essBulk }) => rhat <= 1.01 && essBulk >= 400);
    assert.ok(mixed.length > 0 && mixed.length < 7);
    assert.equal(
      reason,
      `rhat=1.1,ess=50,mixed=0.8 not met at 150 draws a chain: ` +
        `lp R-hat ${own.rhat.toFixed(4)}, effective size ${Math.floor(Math.min(own.essBulk, own.essTail))}; ` +
        `worst of ${moving.length} others R-hat ${worst}, effective size ${least}; ${((100 * mixed.length) / 8).toFixed(1)} % of the weights mixed`,
    );
    assert.equal(stop, false);
  });

  test('comes to the same verdict in its thread, however the draws are shown', async () => {
    const setup = { rule: { rhat: 1.1, ess: 50 }, model, chains: CHAINS, watched };
    const reader = await stored();
    const own = new Judge(setup);
    for await (const { chain, draw, w, logLikQ } of reader.read(0, DRAWS)) {
      own.add({ chain, draw, packed: packWeights(w), logLikQ });
    }
    const service = startJudge(setup);
    try {
      for (const to of [1, 1, 40, DRAWS]) await service.show(reader, to);
      assert.deepEqual(await service.verdict(), own.verdict());
      assert.equal(own.verdict().stop, true);
    } finally {
      await service.close();
    }
  });
});
