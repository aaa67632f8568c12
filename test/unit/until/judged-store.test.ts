import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { JudgedStore, type StopJudge } from '../../../src/coordinator/until/judged-store.js';
import { noCounts } from '../../../src/sampler/moves.js';
import type { RunPlan } from '../../../src/sampler/run-plan.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import type { DrawReader, StoredDraw } from '../../../src/store/store.js';

const WARMUP = 3;
const THIN = 2;

function planOf(draws: number): RunPlan {
  return { chains: 2, draws, thin: THIN, warmupBetasQ: new Int32Array(WARMUP).fill(65536) };
}

function drawOf(chain: number, draw: number): StoredDraw {
  const w = Uint8Array.of(chain, draw & 1, 1);
  return { chain, draw, sweep: WARMUP + THIN * (draw + 1) - 1, w, logLikQ: draw, counts: noCounts() };
}

/** Notes what it is asked, and is content at the given draw count; may be made to wait. */
class ScriptedJudge implements StopJudge {
  readonly asked: number[] = [];
  readonly seen: string[] = [];
  closed = false;
  gate: Promise<void> = Promise.resolve();
  #shown = 0;

  constructor(readonly contentAt: number) {}

  async show(reader: DrawReader, to: number): Promise<void> {
    for await (const { chain, draw } of reader.read(this.#shown, to)) this.seen.push(`${draw}.${chain}`);
    this.#shown = Math.max(to, this.#shown);
  }

  async verdict() {
    await this.gate;
    this.asked.push(this.#shown);
    const stop = this.#shown >= this.contentAt;
    return { stop, reason: `${stop ? 'met' : 'not met'} at ${this.#shown}` };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

interface Scene {
  readonly inner: MemoryStore;
  readonly judge: ScriptedJudge;
  readonly store: JudgedStore;
  readonly met: string[];
}

function scene(draws: number, contentAt: number, inner = new MemoryStore(2, 3)): Scene {
  const judge = new ScriptedJudge(contentAt);
  const met: string[] = [];
  return {
    inner,
    judge,
    met,
    store: new JudgedStore(inner, planOf(draws), judge, (reason) => met.push(reason)),
  };
}

/** Chain 0 runs ahead of chain 1 by `lead` draws; a flush every few draws. */
async function sample(
  { store }: Scene,
  draws: number,
  lead: number,
  flushEvery: number,
  from = 0,
): Promise<void> {
  for (let step = from; step < draws + lead; step++) {
    if (step < draws) store.append(drawOf(0, step));
    if (step - lead >= from) store.append(drawOf(1, step - lead));
    if (step % flushEvery === 0) await store.flush();
    await breathe();
  }
  await store.flush();
  await store.settled();
}

async function contents(inner: MemoryStore): Promise<string[]> {
  const found: string[] = [];
  for await (const { chain, draw, logLikQ } of inner.read(0, Infinity))
    found.push(`${draw}.${chain}=${logLikQ}`);
  return found;
}

describe('a store with a stop rule', () => {
  test('ends with the same draws whatever the pace', async () => {
    const all: string[][] = [];
    for (const [lead, flushEvery] of [
      [0, 1],
      [1, 7],
      [15, 3],
      [40, 100],
    ] as const) {
      const found = scene(200, 60);
      await sample(found, 130, lead, flushEvery);
      assert.deepEqual(found.met, ['met at 60']);
      await found.store.close('stopped');
      assert.deepEqual(
        [found.inner.horizon, found.inner.outcome, found.inner.reason],
        [60, 'finished', 'met at 60'],
      );
      assert.equal(found.judge.closed, true);
      assert.deepEqual(found.judge.asked, [20, 30, 40, 50, 60]);
      all.push(await contents(found.inner));
    }
    for (const one of all) assert.deepEqual(one, all[0]);
  });

  test('shows the judge each draw once, in the order (draw, chain)', async () => {
    const found = scene(200, 40);
    await sample(found, 70, 5, 3);
    const expected = Array.from({ length: 80 }, (_, i) => `${i >> 1}.${i & 1}`);
    assert.deepEqual(found.judge.seen, expected);
  });

  test('keeps back what comes while the judge thinks, and stores it when the run goes on', async () => {
    const found = scene(200, 1000);
    let open: () => void = () => undefined;
    found.judge.gate = new Promise((resolve) => (open = resolve));
    for (let draw = 0; draw < 28; draw++) [0, 1].forEach((chain) => found.store.append(drawOf(chain, draw)));
    await found.store.flush();
    await found.store.flush();
    assert.equal(found.inner.horizon, 20);
    open();
    await found.store.settled();
    assert.equal(found.inner.horizon, 28);
  });

  test('that has all its draws asks at each count left, and records what was found', async () => {
    const found = scene(45, 1000);
    for (let draw = 0; draw < 45; draw++) [0, 1].forEach((chain) => found.store.append(drawOf(chain, draw)));
    await found.store.close('finished');
    assert.deepEqual(found.judge.asked, [20, 30, 40, 45]);
    assert.deepEqual([found.inner.horizon, found.inner.outcome], [45, 'finished']);
    assert.equal(found.inner.reason, 'all 45 draws are there; not met at 45');
  });

  test('that has all its draws still ends at the count where the rule is met', async () => {
    const found = scene(45, 30);
    for (let draw = 0; draw < 45; draw++) [0, 1].forEach((chain) => found.store.append(drawOf(chain, draw)));
    await found.store.close('finished');
    assert.deepEqual([found.inner.horizon, found.inner.reason], [30, 'met at 30']);
  });

  test('that is interrupted is stopped, with no reason', async () => {
    const found = scene(200, 1000);
    await sample(found, 25, 0, 1);
    await found.store.close('stopped');
    assert.deepEqual(
      [found.inner.horizon, found.inner.outcome, found.inner.reason],
      [25, 'stopped', undefined],
    );
  });

  test('goes on after a crash to the same end', async () => {
    for (const crashAt of [5, 19, 20, 27, 59]) {
      const first = scene(200, 60);
      await sample(first, crashAt, 0, 1);
      const again = scene(200, 60, first.inner.afterCrash());
      await sample(again, 130, 2, 4, again.inner.horizon);
      await again.store.close('stopped');
      assert.deepEqual([again.inner.horizon, again.inner.reason], [60, 'met at 60'], `crash at ${crashAt}`);
    }
  });

  test('stores no checkpoint past what it may store', () => {
    const { store, inner } = scene(200, 60);
    const state = (sweep: number) => ({
      chain: 0,
      sweep,
      w: Uint8Array.of(1, 0, 1),
      logLikQ: 0,
      counts: noCounts(),
    });
    const kept: number[] = [];
    inner.checkpoint = ({ sweep }) => void kept.push(sweep);
    for (const sweep of [1, WARMUP + THIN * 20, WARMUP + THIN * 20 + 1]) store.checkpoint(state(sweep));
    assert.deepEqual(kept, [1, WARMUP + THIN * 20]);
  });

  test('tells of a judge that fails', async () => {
    const { store, judge } = scene(200, 60);
    judge.show = () => Promise.reject(new Error('no judge'));
    await store.flush();
    await assert.rejects(store.settled(), /no judge/);
    await assert.rejects(store.flush(), /no judge/);
  });
});
