import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { warmupDraws } from '../../../src/sampler/run-plan.js';
import { digestOf } from '../../../src/store/digest.js';
import { openRun } from '../../../src/store/read-run.js';
import { KILLS, writeAndKillSomewhere, writeToTheEnd } from './kill-writer.js';
import {
  allDraws,
  digestUpTo,
  expectedDraws,
  KILLED_RUN,
  shapeOf,
  warmupDrawAt,
  withFolder,
} from './toy-run.js';

const DIGEST = digestUpTo(KILLED_RUN, KILLED_RUN.plan.draws);

/** Draws that readers see, warm-up draws included; they (of the draws the last) are compared with what they should be. */
async function drawsSeen(folder: string): Promise<number> {
  // It may have been killed while it set the run up.
  const reader = await openRun(folder).catch((error: unknown) => String(error));
  if (typeof reader === 'string') {
    assert.match(reader, /holds no run|just being set up/);
    return 0;
  }
  const from = Math.max(0, reader.horizon - 20);
  assert.deepEqual(await allDraws(reader, from), expectedDraws(KILLED_RUN, from, reader.horizon));
  const { horizon } = reader.warmup!;
  const warmup = expectedDraws(KILLED_RUN, 0, horizon, warmupDrawAt);
  assert.deepEqual(await allDraws(reader.warmup!), warmup);
  if (reader.horizon > 0) assert.equal(horizon, warmupDraws(KILLED_RUN.plan));
  return reader.horizon + horizon;
}

async function assertComplete(folder: string): Promise<void> {
  const reader = await openRun(folder);
  assert.equal(await reader.status(), 'finished');
  assert.equal(await digestOf(reader, shapeOf(KILLED_RUN)), DIGEST);
  assert.equal(reader.warmup!.horizon, warmupDraws(KILLED_RUN.plan));
}

describe('a writer that is killed at any moment', () => {
  it(`${KILLS} times in a row loses nothing durable and shows nothing torn`, () =>
    withFolder(async (folder) => {
      let before = { durable: 0, seen: 0 };
      for (let kills = 0; kills < KILLS; kills++) {
        const { durable = before.durable, done } = await writeAndKillSomewhere(folder);
        const seen = await drawsSeen(folder);
        assert.ok(durable >= before.durable, 'it went on from less than was durable');
        assert.ok(seen >= before.seen, 'readers see less than before');
        before = { durable, seen };
        if (!done) continue;
        await assertComplete(folder);
        await rm(folder, { recursive: true });
        before = { durable: 0, seen: 0 };
      }
      assert.ok((await writeToTheEnd(folder)).done);
      await assertComplete(folder);
    }));
});
