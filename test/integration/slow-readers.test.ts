import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/client/index.js';
import { noCounts } from '../../src/sampler/moves.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { callServerStream, makeClient } from '../../src/wire/client.js';
import { chainService } from '../../src/wire/services.js';
import { ruleOf, tinyModel } from '../support/tiny-models.js';
import { coordinatorOf } from './support/cluster.js';
import type { Problem } from './support/problem.js';

const DRAWS = 20_000;
const WEIGHTS = 7840;
/** What a reader that never reads may hold: its window of the connection is 4 MiB, its stream some messages of 32 KiB. */
const MOST_BYTES = 8 * 2 ** 20;

function wideProblem(): Problem {
  const grid = { rows: 28, columns: 28 };
  const { model, rows } = tinyModel({
    ...{ features: 784, classes: 10, rows: 20, seed: 5, grid },
    litChance: Array.from({ length: 784 }, () => 0.2),
  });
  const plan = { chains: 1, draws: DRAWS + 1, thin: 1, warmupBetasQ: new Int32Array(0), saveWarmup: false };
  return { rule: ruleOf(model, 11), rows, plan };
}

async function storeOfDraws(): Promise<MemoryStore> {
  const store = new MemoryStore(1, WEIGHTS);
  const w = new Uint8Array(WEIGHTS);
  for (let draw = 0; draw < DRAWS; draw++) {
    for (let j = 0; j < WEIGHTS; j += 2) w[j] = (draw + j) % 3 === 0 ? 1 : 0;
    store.append({ chain: 0, draw, sweep: draw, w, logLikQ: -draw, counts: noCounts() });
  }
  await store.flush();
  return store;
}

test('a reader that reads no more holds a bounded number of bytes, and nobody up', async (t) => {
  const { handle } = await coordinatorOf(t, wideProblem(), { store: await storeOfDraws() });
  const stuck = makeClient(handle.address);
  t.after(() => stuck.close());
  const call = callServerStream(stuck, chainService.streamDraws, { follow: true });
  call.on('error', () => undefined);
  // Takes one message: before that, grpc-js takes in on its own account whatever comes.
  await call[Symbol.asyncIterator]().next();
  let held = -1;
  for (let now = 0; now !== held || now === 0; now = handle.status().bytesSent) {
    held = now;
    await sleep(300);
  }
  assert.ok(held < MOST_BYTES, `${held} bytes were sent to a reader that does not read`);
  const client = connect(handle.address);
  t.after(() => client.close());
  let count = 0;
  for await (const { draw, bits } of client.draws()) {
    assert.equal(draw, count++);
    assert.equal(bits.length, WEIGHTS / 8);
  }
  assert.equal(count, DRAWS);
  // All draws are more than what the other one holds.
  assert.ok((DRAWS * WEIGHTS) / 8 > 2 * MOST_BYTES);
});
