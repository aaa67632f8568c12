import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeDraws } from '../../../src/cli/draw-summary.js';
import { buildModel, logPosterior } from '../../../src/posterior/model.js';
import { noCounts } from '../../../src/sampler/moves.js';
import { digestOf } from '../../../src/store/digest.js';
import { MemoryStore } from '../../../src/store/memory-store.js';

const model = buildModel({ features: 2, classes: 2, pi: 0.3, lit: Uint8Array.from([1, 1]) });
const states = [
  [0, 0, 0, 0],
  [1, 0, 0, 1],
  [1, 1, 1, 1],
].map((bits) => Uint8Array.from(bits));

function storeWith(draws: number): MemoryStore {
  const store = new MemoryStore(2, 4);
  for (let draw = 0; draw < draws; draw++) {
    for (const chain of [0, 1]) {
      const logLikQ = -4096 * (10 + draw + 100 * chain);
      const counts = { ...noCounts(), flipsProposed: 4, flipsAccepted: draw };
      store.append({ chain, draw, sweep: draw, w: states[draw]!, logLikQ, counts });
    }
  }
  return store;
}

test('means, deviations, last values, counts and digest over the durable draws', async () => {
  const store = storeWith(3);
  await store.flush();
  const seen: number[] = [];
  const { chains, digest } = await summarizeDraws(store, model, 2, (draw) => seen.push(draw.chain));
  assert.equal(seen.length, 6);
  const lps = states.map((w, draw) => logPosterior(model, w, -4096 * (110 + draw)));
  const mean = (lps[0]! + lps[1]! + lps[2]!) / 3;
  const sd = Math.sqrt(lps.reduce((sum, lp) => sum + (lp - mean) ** 2, 0) / 2);
  assert.ok(Math.abs(chains[1]!.lpMean - mean) < 1e-9);
  assert.ok(Math.abs(chains[1]!.lpSd - sd) < 1e-9);
  assert.equal(chains[1]!.lpLast, lps[2]);
  assert.equal(chains[1]!.logLikLast, -112);
  assert.equal(chains[0]!.counts.flipsProposed, 12);
  assert.equal(chains[0]!.counts.flipsAccepted, 3);
  assert.equal(digest, await digestOf(store, { features: 2, classes: 2, chains: 2 }));
});

test('too few draws have no deviation, none have no mean', async () => {
  const one = storeWith(1);
  await one.flush();
  const single = (await summarizeDraws(one, model, 2)).chains[0]!;
  assert.equal(single.lpLast, single.lpMean);
  assert.ok(Number.isNaN(single.lpSd));
  const none = (await summarizeDraws(storeWith(2), model, 2)).chains[0]!;
  assert.equal(none.draws, 0);
  assert.ok(Number.isNaN(none.lpMean));
});
