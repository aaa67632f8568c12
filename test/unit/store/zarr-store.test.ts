import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as zarr from 'zarrita';
import { digestOf } from '../../../src/store/digest.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import { createRun, resumeRun } from '../../../src/store/open.js';
import { openRun } from '../../../src/store/read-run.js';
import type { DrawStore } from '../../../src/store/store.js';
import {
  allDraws,
  appendUpTo,
  digestUpTo,
  drawAt,
  expectedDraws,
  shapeOf,
  stateAt,
  sweepInto,
  toySpec,
  warmupDrawAt,
  withFolder,
} from './toy-run.js';

/** Weights so many that a chunk holds 16 draws, and draws so many that statistics take two chunks. */
const WIDE = toySpec({ model: { features: 2000, classes: 32 }, plan: { chains: 2, draws: 40, thin: 1 } });
const LONG = toySpec({ plan: { chains: 3, draws: 1200, thin: 1, warmupBetasQ: new Int32Array(0) } });
/** 35 warm-up draws, two full chunks and a part of one, and a sweep that belongs to none. */
const WARM = toySpec({
  model: { features: 2000, classes: 32 },
  plan: {
    ...{ chains: 2, draws: 20, thin: 2, saveWarmup: true },
    warmupBetasQ: Int32Array.from({ length: 71 }, (_, i) => (i + 1) * 900),
  },
});

describe('a run on disk', () => {
  for (const [name, spec] of [
    ['one chunk', toySpec()],
    ['chunks of 16 draws', WIDE],
    ['many short draws', LONG],
    ['the warm-up kept', WARM],
  ] as const) {
    it(`gives back what was appended: ${name}`, () =>
      withFolder(async (folder) => {
        const store = await createRun(folder, spec, { publishEveryMs: 0 });
        const { draws } = spec.plan;
        const half = Math.floor(draws / 2);
        for (const to of [half, draws]) {
          appendUpTo(store, spec, to);
          assert.equal(await store.flush(), to);
        }
        assert.deepEqual(await allDraws(store, half - 3, half + 3), expectedDraws(spec, half - 3, half + 3));
        assert.equal(await digestOf(store, shapeOf(spec)), digestUpTo(spec, draws));
        await store.close('finished');

        const reader = await openRun(folder);
        assert.equal(reader.horizon, draws);
        assert.equal(await reader.status(), 'finished');
        assert.deepEqual(await allDraws(reader, 0, 5), expectedDraws(spec, 0, 5));
        assert.deepEqual(await allDraws(reader, draws - 5), expectedDraws(spec, draws - 5, draws));
        assert.equal(await digestOf(reader, shapeOf(spec)), digestUpTo(spec, draws));
        assert.equal(reader.warmup?.horizon, spec.plan.saveWarmup ? 35 : undefined);
        if (!reader.warmup) return;
        assert.deepEqual(await allDraws(reader.warmup), expectedDraws(spec, 0, 35, warmupDrawAt));
      }));
  }

  it('shows warm-up draws as far as every chain is, before any draw, and goes on among them', () =>
    withFolder(async (folder) => {
      let store = await createRun(folder, WARM, { publishEveryMs: 0 });
      const reached = [71 + 6, 33];
      reached.forEach((sweeps, chain) => {
        for (let sweep = 0; sweep < sweeps; sweep++) sweepInto(store, WARM, chain, sweep);
      });
      assert.equal(await store.flush(), 0);
      await store.close('stopped');
      const { horizon, warmup } = await openRun(folder);
      assert.equal(horizon, 0);
      assert.deepEqual(await allDraws(warmup!), expectedDraws(WARM, 0, 16, warmupDrawAt));

      store = await resumeRun(folder, WARM, { publishEveryMs: 0 });
      const states = reached.map((sweeps, chain) => stateAt(WARM, chain, sweeps));
      assert.deepEqual([...store.resume.values()], states, 'also from between two warm-up draws');
      assert.throws(
        () => store.append(drawAt(WARM, 1, 0)),
        /chain 1: draw 0 was appended, warm-up draw 16 comes next/,
      );
      assert.throws(() => store.appendWarmup(drawAt(WARM, 0, 35)), /chain 0: warm-up draw 35 of 35/);
      appendUpTo(store, WARM, 20);
      await store.close('finished');
      const reader = await openRun(folder);
      assert.deepEqual(await allDraws(reader.warmup!), expectedDraws(WARM, 0, 35, warmupDrawAt));
      assert.equal(await digestOf(reader, shapeOf(WARM)), digestUpTo(WARM, 20));
    }));

  it('shows only the draws that every chain has, and keeps the others', () =>
    withFolder(async (folder) => {
      const spec = toySpec();
      let store = await createRun(folder, spec, { publishEveryMs: 0 });
      const ahead = [7, 3, 12];
      ahead.forEach((draws, chain) => {
        for (let draw = 0; draw < draws; draw++) store.append(drawAt(spec, chain, draw));
      });
      assert.equal(store.horizon, 0, 'nothing is durable before a flush');
      assert.equal(await store.flush(), 3);
      assert.deepEqual(await allDraws(store), expectedDraws(spec, 0, 3));
      await store.close('stopped');
      assert.equal((await openRun(folder)).horizon, 3);

      store = await resumeRun(folder, spec);
      assert.deepEqual(
        [...store.resume.values()],
        ahead.map((draws, chain) => stateAt(spec, chain, drawAt(spec, chain, draws - 1).sweep + 1)),
      );
      appendUpTo(store, spec, 40);
      await store.close('finished');
      assert.equal(await digestOf(await openRun(folder), shapeOf(spec)), digestUpTo(spec, 40));
    }));

  it('goes on from the latest checkpoint in warm-up, and from the last draw after it', () =>
    withFolder(async (folder) => {
      const spec = toySpec();
      let store = await createRun(folder, spec);
      assert.equal(store.resume.size, 0);
      store.checkpoint(stateAt(spec, 0, 1));
      store.checkpoint(stateAt(spec, 0, 2));
      store.checkpoint(stateAt(spec, 1, 3));
      await store.flush();
      assert.deepEqual(
        [...store.resume],
        [0, 1].map((chain) => [chain, stateAt(spec, chain, chain + 2)]),
      );
      await store.close('stopped');

      store = await resumeRun(folder, spec);
      assert.deepEqual(
        [...store.resume],
        [0, 1].map((chain) => [chain, stateAt(spec, chain, chain + 2)]),
      );
      store.append(drawAt(spec, 0, 0)); // after sweep 5
      store.checkpoint(stateAt(spec, 1, 4));
      await store.close('stopped');

      store = await resumeRun(folder, spec);
      assert.deepEqual(
        [...store.resume],
        [0, 1].map((chain) => [chain, stateAt(spec, chain, 5 - chain)]),
      );
      store.checkpoint(stateAt(spec, 0, 6)); // between two draws
      await store.close('stopped');
      store = await resumeRun(folder, spec);
      assert.deepEqual(store.resume.get(0), stateAt(spec, 0, 6));
      await store.close('stopped');
    }));

  it('is read while it is written', () =>
    withFolder(async (folder) => {
      const store = await createRun(folder, LONG, { publishEveryMs: 0 });
      const reader = await openRun(folder);
      assert.equal(reader.horizon, 0);
      assert.equal(await reader.status(), 'running');
      const seen: number[] = [];
      for (let to = 220; to <= 1100; to += 220) {
        appendUpTo(store, LONG, to);
        await store.flush();
        // The arrays follow in the background: whatever is seen must be whole.
        seen.push(await reader.refresh());
        assert.equal(await digestOf(reader, shapeOf(LONG)), digestUpTo(LONG, reader.horizon));
        assert.equal(await digestOf(store, shapeOf(LONG)), digestUpTo(LONG, to));
      }
      await store.close('stopped');
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        seen,
      );
      assert.equal(await reader.refresh(), 1100);
      assert.equal(await reader.status(), 'stopped');
    }));

  it('says that a run is interrupted when nobody writes it any more', () =>
    withFolder(async (folder) => {
      const store = await createRun(folder, toySpec());
      await store.close('stopped');
      const again = await resumeRun(folder, toySpec());
      const reader = await openRun(folder);
      assert.equal(await reader.status(), 'running');
      // What a killed process leaves: everything but its lock, which no longer counts.
      const locks = (await readdir(`${folder}/.bitgibbs`)).filter((name) => name.startsWith('lock-'));
      assert.equal(locks.length, 1);
      await rm(`${folder}/.bitgibbs/${locks[0]}`);
      assert.equal(await reader.status(), 'interrupted');
      await assert.rejects(again.flush(), /lock of the run .* was taken over/);
      await assert.rejects(again.close('stopped'), /lock of the run/);
    }));

  it('is read by another Zarr library: zarrita, from the arrays’ own metadata', () =>
    withFolder(async (folder) => {
      const spec = toySpec();
      const store = await createRun(folder, spec, { publishEveryMs: 0 });
      appendUpTo(store, spec, 25);
      await store.close('stopped');
      const files = { get: (path: string) => readFile(folder + path).catch(() => undefined) };
      const open = (path: string) => zarr.open.v3(zarr.root(files).resolve(path), { kind: 'array' });
      const w = await zarr.get(await open('posterior/w'), [1, 24, null, null]);
      const { w: expected, logLikQ } = drawAt(spec, 1, 24);
      assert.deepEqual(w.shape, [12, 3]);
      assert.deepEqual(Array.from(w.data as Iterable<boolean>, Number), [...expected]);
      const stats = await zarr.get(await open('sample_stats/log_lik_q'), [1, null]);
      assert.equal(stats.shape[0], 25);
      assert.equal((stats.data as BigInt64Array)[24], BigInt(logLikQ));
    }));

  it('refuses draws out of order and draws after the end', () =>
    withFolder(async (folder) => {
      const spec = toySpec();
      const store = await createRun(folder, spec);
      store.append(drawAt(spec, 0, 0));
      assert.throws(
        () => store.append(drawAt(spec, 0, 2)),
        /chain 0: draw 2 was appended, draw 1 comes next/,
      );
      assert.throws(() => store.append(drawAt(spec, 3, 0)), /chain 3/);
      await store.close('stopped');
      assert.throws(() => store.append(drawAt(spec, 0, 1)), /closed/);
    }));

  it('reports what it takes on disk', () =>
    withFolder(async (folder) => {
      const store = await createRun(folder, WIDE);
      appendUpTo(store, WIDE, 40);
      await store.close('finished');
      const { totalBytes, weightBytes } = await (await openRun(folder)).diskUse();
      assert.ok(weightBytes > 0 && totalBytes > weightBytes);
      const bits = (8 * weightBytes) / (2 * 40 * 64000);
      assert.ok(bits > 0.25 && bits < 1, `${bits} bits a weight a draw, of which a quarter are coins`);
    }));
});

describe('both stores', () => {
  /** A chain's next sweep, a flush, or the end of the process and a start from what is durable. */
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.nat(2) },
    { weight: 3, arbitrary: fc.constant('flush' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  );
  const withWarmup = { plan: { saveWarmup: true, warmupBetasQ: new Int32Array(7).fill(9000) } };

  async function restarted(
    store: DrawStore,
    folder: string,
    spec: ReturnType<typeof toySpec>,
  ): Promise<DrawStore> {
    if (store instanceof MemoryStore) return store.afterCrash();
    await store.close('stopped');
    return resumeRun(folder, spec, { publishEveryMs: 0 });
  }

  it('agree on horizon, draws and resume points over any history', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, keepsWarmup) =>
        withFolder(async (folder) => {
          const spec = toySpec(keepsWarmup ? withWarmup : {});
          let stores: DrawStore[] = [
            new MemoryStore(3, 36),
            await createRun(folder, spec, { publishEveryMs: 0 }),
          ];
          const sweeps = [0, 0, 0];
          for (const what of steps) {
            if (typeof what === 'number') {
              stores.forEach((store) => sweepInto(store, spec, what, sweeps[what]!));
              sweeps[what]!++;
              continue;
            }
            const [inMemory, onDisk] = await Promise.all(stores.map((store) => store.flush()));
            assert.equal(onDisk, inMemory);
            if (what === 'flush') continue;
            stores = await Promise.all(stores.map((store) => restarted(store, folder, spec)));
            assert.deepEqual(stores[1]!.resume, stores[0]!.resume);
            assert.deepEqual(await allDraws(stores[1]!), await allDraws(stores[0]!));
          }
          await Promise.all(stores.map((store) => store.close('stopped')));
          const { warmup } = await openRun(folder);
          const held = await allDraws((stores[0] as MemoryStore).warmup);
          assert.deepEqual(warmup && (await allDraws(warmup)), keepsWarmup ? held : undefined);
        }),
      ),
      { numRuns: 15 },
    ));
});
