/** The memory that a pool's threads share: slots and shards come and go, threads walk at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { SlotReport, SoloJob } from '../../../src/kernel/kernel.js';
import { Allocator } from '../../../src/kernel/wasm/allocator.js';
import { Arena } from '../../../src/kernel/wasm/arena.js';
import { directoryEntry, WasmPool } from '../../../src/kernel/wasm/pool.js';
import { sizesOf, slotBytes } from '../../../src/kernel/wasm/sizes.js';
import { Views } from '../../../src/kernel/wasm/views.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { InputError } from '../../../src/posterior/model.js';
import { packRows, takeRows, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { featureOwners } from '../../../src/sampler/owners.js';
import { neighbourPairs } from '../../../src/sampler/sites.js';
import { ruleOf, tinyModel, uniforms } from '../../support/tiny-models.js';

const { model, rows } = tinyModel({
  ...{ features: 80, classes: 4, rows: 300, seed: 2, litChance: 0.3, maxWeight: 2 },
  grid: { rows: 8, columns: 10 },
});
const rule = ruleOf(model, 77);
const owners = featureOwners([model.lit], model.features, neighbourPairs(model));

function half(s: number): Rows {
  const chosen = Array.from({ length: rows.count }, (_, n) => n).filter((n) => n % 2 === s);
  return takeRows(rows, chosen);
}

function specOf(slot: number): { slot: number; shards: number[]; owners: Uint8Array; self: number } {
  return { slot, shards: [7, 3], owners, self: 1 };
}

function jobOf(slot: number, sweep: number, sweeps: number): SoloJob {
  const betasQ = new Int32Array(sweeps).fill(BETA_ONE_Q);
  return { kind: 'solo', slot, chain: slot, sweep, betasQ, reportAfter: [] };
}

/** A thread that attaches one slot and walks it, in two halves when told to. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData.module).then(({ WasmKernel }) => {
  const kernel = WasmKernel.over(workerData.description);
  parentPort.on('message', (task) => {
    if (task.spec) kernel.attach(task.spec, task.w);
    if (task.job) parentPort.postMessage(kernel.walk([task.job])[0].reports[0].report);
    else { kernel.dispose(); parentPort.close(); }
  });
});`;

class Thread {
  readonly #worker: Worker;

  constructor(pool: WasmPool) {
    const module = new URL('../../../src/kernel/wasm/wasm-kernel.js', import.meta.url).href;
    this.#worker = new Worker(THREAD, { eval: true, workerData: { module, description: pool.description } });
  }

  ask(task: object): Promise<SlotReport> {
    return new Promise((resolve, reject) => {
      this.#worker.once('message', resolve).once('error', reject);
      this.#worker.postMessage(task);
    });
  }

  end(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#worker.once('exit', resolve);
      this.#worker.postMessage({});
    });
  }
}

test('threads walk their slots at the same time, also after the memory has grown', async () => {
  const alone = WasmKernel.alone(rule);
  const pool = new WasmPool(rule, 2);
  for (const [shard, s] of [
    [7, 0],
    [3, 1],
  ] as const) {
    alone.addShard(shard, half(s));
    pool.addShard(shard, half(s));
  }
  const threads = [0, 1].map(() => new Thread(pool));
  const starts = [0, 1].map((slot) => randomStart(model, 77, slot));
  const expected = starts.map((w, slot) => {
    alone.attach(specOf(slot), w);
    return [jobOf(slot, 0, 20), jobOf(slot, 20, 20)].map((job) => {
      const [result] = alone.walk([job]);
      return result?.kind === 'solo' ? result.reports[0]!.report : undefined;
    });
  });
  [0, 1].forEach((slot) => pool.openSlot(slot, [7, 3]));
  const first = await Promise.all(
    threads.map((thread, slot) =>
      thread.ask({ spec: specOf(slot), w: starts[slot], job: jobOf(slot, 0, 20) }),
    ),
  );
  // Slots made beyond what the threads have seen of the memory so far.
  const before = pool.bytes;
  for (let shard = 100; pool.bytes < 2 * before; shard++) pool.addShard(shard, rows);
  [2, 3].forEach((slot) => pool.openSlot(slot, [7, 3]));
  const { memory } = pool.description;
  assert.ok(new Views(memory).address(directoryEntry(3)) > before);
  const second = await Promise.all(threads.map((thread, slot) => thread.ask({ job: jobOf(slot, 20, 20) })));
  const beyond = await Promise.all(
    threads.map((thread, t) => {
      const job = { ...jobOf(2 + t, 0, 20), chain: t };
      return thread.ask({ spec: specOf(2 + t), w: starts[t], job });
    }),
  );
  [0, 1].forEach((slot) => {
    assert.deepEqual([first[slot], second[slot]], expected[slot]);
    assert.deepEqual(beyond[slot], expected[slot]![0]);
  });
  await Promise.all(threads.map((thread) => thread.end()));
  WasmKernel.over(pool.description);
});

test('memory of closed slots and dropped shards is used again', () => {
  const pool = new WasmPool(rule);
  pool.addShard(1, rows);
  let bytes = 0;
  for (let round = 0; round < 200; round++) {
    pool.addShard(2, half(round % 2));
    for (let slot = 0; slot < 3; slot++) pool.openSlot(slot, slot === 1 ? [1] : [1, 2]);
    for (let slot = 0; slot < 3; slot++) pool.closeSlot(slot);
    pool.dropShard(2);
    if (round === 0) bytes = pool.bytes;
  }
  assert.equal(pool.bytes, bytes);
});

test('a slot takes the memory that was planned for it', () => {
  const pool = new WasmPool(rule);
  pool.addShard(0, half(0));
  pool.addShard(1, half(1));
  for (const slot of [0, 1, 2]) pool.openSlot(slot, [0, 1]);
  const [first, second] = [1, 2].map((slot) =>
    new Views(pool.description.memory).address(directoryEntry(slot)),
  );
  assert.equal(second! - first!, slotBytes(sizesOf(model, rule.moves), [half(0).count, half(1).count]));
});

test('misuse is told', () => {
  const pool = new WasmPool(rule);
  pool.addShard(0, half(0));
  pool.addShard(1, half(1));
  const kernel = WasmKernel.over(pool.description);
  assert.throws(() => WasmKernel.over(pool.description), /made for 1 threads/);
  assert.throws(() => pool.addShard(0, rows), /there already/);
  assert.throws(() => pool.openSlot(0, [0, 5]), /no shard 5/);
  assert.throws(() => kernel.attach({ ...specOf(0), shards: [0] }, new Uint8Array(320)), /not open/);
  pool.openSlot(0, [0]);
  assert.throws(() => kernel.attach({ ...specOf(0), shards: [1] }, new Uint8Array(320)), /other shards/);
  assert.throws(() => pool.dropShard(0), /still used by slot 0/);
  assert.throws(() => kernel.addShard(9, rows), /host/);
  kernel.attach({ ...specOf(0), shards: [0] }, new Uint8Array(320));
  const window = { kind: 'window', slot: 0, chain: 0, sweep: 0, betaQ: 1, guess: new Uint8Array(1) } as const;
  assert.throws(
    () => kernel.walk([{ ...window, settleAt: 3, from: 4, to: 5, report: false }]),
    /not in the last window/,
  );
  assert.throws(
    () => kernel.walk([{ ...window, settleAt: -1, from: 4, to: 1e6, report: false }]),
    /outside a sweep/,
  );
});

test('what does not fit is an input error', () => {
  assert.throws(() => new Arena().allocate(5 * 2 ** 30), InputError);
  const pool = new WasmPool(rule);
  pool.addShard(0, rows);
  pool.openSlot(0, [0]);
  const heavy = packRows(new Uint8Array(160), 80, [0, 1], [65_536, 1]);
  assert.throws(() => pool.addShard(1, heavy), InputError);
});

test('allocated ranges never overlap, and free ones are joined', () => {
  const next = uniforms(4);
  let end = 0;
  const allocator = new Allocator(100, (to) => (end = to));
  const held = new Map<number, number>();
  for (let i = 0; i < 3000; i++) {
    if (next() < 0.5 || held.size === 0) {
      const bytes = 1 + Math.floor(next() * 1000);
      const at = allocator.allocate(bytes);
      assert.equal(at % 64, 0);
      assert.ok(at >= 100 && at + bytes <= end);
      for (const [other, size] of held) assert.ok(at + bytes <= other || other + size <= at);
      held.set(at, bytes);
    } else {
      const [at, bytes] = [...held][Math.floor(next() * held.size)]!;
      allocator.release(at, bytes);
      held.delete(at);
    }
  }
  const most = end;
  held.forEach((bytes, at) => allocator.release(at, bytes));
  assert.equal(allocator.allocate(most - 128), 128);
  assert.equal(end, most);
});
