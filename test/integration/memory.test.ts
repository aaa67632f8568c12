/** What is on disk leaves memory: a store that has taken ten times as many draws holds no more. */
import assert from 'node:assert/strict';
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRun } from '../../src/store/open.js';
import { appendUpTo, toySpec } from '../unit/store/toy-run.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Draws that the store lets wait for the arrays come to 16 MiB by its own count; more than this is held on to. */
const MOST_BYTES = 24 * 2 ** 20;

test('a store holds no more after many draws than after few', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-memory-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const plan = { chains: 4, thin: 1, draws: 40_000, warmupBetasQ: new Int32Array(0) };
  const spec = toySpec({ plan, model: { features: 16, classes: 4 } });
  const store = await createRun(join(folder, 'run'), spec);
  const before = heldBytes();
  let most = 0;
  for (let draws = 500; draws <= plan.draws; draws += 500) {
    appendUpTo(store, spec, draws);
    await store.flush();
    if (draws % 4000 === 0) most = Math.max(most, heldBytes() - before);
  }
  await store.close('finished');
  assert.ok(most < MOST_BYTES, `${most} bytes are held`);
});
