import assert from 'node:assert/strict';
import test from 'node:test';
import type { FlipKernel, WalkJob, WindowJob } from '../../../src/kernel/kernel.js';
import { MainWalks } from '../../../src/worker/main-walks.js';
import type { WalkTask } from '../../../src/worker/tasks.js';

function windowOf(slot: number, positions: number): WindowJob {
  const place = { sweep: 0, betaQ: 65_536, settleAt: -1, from: 10, to: 10 + positions };
  return { kind: 'window', slot, chain: slot, ...place, guess: new Uint8Array(0), report: false };
}

function taskOf(...jobs: WalkJob[]): WalkTask {
  return { type: 'walk', jobs };
}

test('only rounds that are known to be short are walked by the main thread', () => {
  const walks = new MainWalks(() => assert.fail('no kernel is needed'));
  const round = taskOf(windowOf(0, 60), windowOf(1, 40));
  const solo: WalkJob = {
    ...{ kind: 'solo', slot: 2, chain: 2, sweep: 0 },
    ...{ betasQ: Int32Array.of(65_536), reportAfter: [] },
  };
  assert.equal(walks.takes(round), false, 'nothing is known');
  walks.learn(taskOf(solo), { thread: 1, seconds: 1e-6 });
  assert.equal(walks.takes(round), false, 'whole sweeps say nothing about windows');
  walks.learn(round, { thread: 1, seconds: 1e-3 });
  assert.equal(walks.takes(round), true);
  assert.equal(walks.takes(taskOf(windowOf(0, 100_000))), false, 'a long window');
  assert.equal(walks.takes(taskOf(windowOf(0, 1), solo)), false, 'a whole sweep');
  for (let i = 0; i < 100; i++) walks.learn(round, { thread: 1, seconds: 10 });
  assert.equal(walks.takes(round), false, 'rounds have become long');
});

test('rounds come one a turn of the event loop, in order', async () => {
  const log: string[] = [];
  const walk = (jobs: readonly WalkJob[]): [] => {
    log.push(`walk ${jobs[0]!.slot}`);
    return [];
  };
  const walks = new MainWalks(() => ({ walk }) as unknown as FlipKernel);
  const given = [0, 1, 2].map(async (slot) => {
    const { effort } = await walks.walk(taskOf(windowOf(slot, 1)), 7);
    assert.equal(effort.thread, 7);
    // What an answer takes until it is with the network: less than a turn.
    process.nextTick(() => void Promise.resolve().then(() => log.push(`answer ${slot}`)));
  });
  await Promise.all(given);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(log, ['walk 0', 'answer 0', 'walk 1', 'answer 1', 'walk 2', 'answer 2']);
});
