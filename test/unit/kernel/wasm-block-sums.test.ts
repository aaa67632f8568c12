/** Sums of a block that come from elsewhere: the same walk, and sums that stay right whatever is rewritten or undone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowJob } from '../../../src/kernel/kernel.js';
import * as layout from '../../../src/kernel/wasm/layout.js';
import { PoolThread } from '../../../src/kernel/wasm/pool-thread.js';
import { WasmPool } from '../../../src/kernel/wasm/pool.js';
import { blockSumBytes } from '../../../src/kernel/wasm/sizes.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { SHARED } from '../../../src/sampler/owners.js';
import { neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { ruleOf, tinyModel, uniforms } from '../../support/tiny-models.js';

const SLOT = 2;

interface Case {
  readonly classes: number;
  readonly maxWeight: number;
}

/** A slot whose features are all shared, so that guesses decide, at the first block of sweep 0. */
class OneBlock {
  readonly thread: PoolThread;
  readonly slotAt: number;
  readonly sites: Int32Array;
  readonly to: number;
  /** Features of the block that get sums: all but every third. */
  readonly summed: readonly number[];
  readonly #block: number;
  readonly #classes: number;

  constructor({ classes, maxWeight }: Case) {
    const { model, rows } = tinyModel({
      ...{ features: 70, classes, rows: 80, seed: 3, maxWeight, litChance: 0.3 },
      grid: { rows: 7, columns: 10 },
    });
    const rule = ruleOf(model, 8);
    const pool = new WasmPool(rule, 1, true);
    pool.addShard(4, rows);
    pool.openSlot(SLOT, [4]);
    this.thread = new PoolThread(pool.description);
    const owners = model.lit.map((lit) => (lit ? SHARED : 0));
    const spec = { slot: SLOT, shards: [4], owners, self: 1 };
    this.slotAt = this.thread.prepare(spec, randomStart(model, 8, 0));
    this.thread.wasm.fillRows(this.thread.modelAt, this.thread.at, this.slotAt);
    const plan = planSweep(model, neighbourPairs(model), rule.moves, rule.seed, 0);
    this.sites = plan.sites;
    this.to = plan.blockStarts[1]!;
    this.#classes = classes;
    this.#block = Math.floor(plan.sites[0]! / classes / 64);
    this.summed = Array.from({ length: 64 }, (_, f) => f).filter(
      (f) => f % 3 !== 0 && model.lit[64 * this.#block + f],
    );
  }

  /** Begins the block with sums from lists. */
  begin(): void {
    const mask: [number, number] = [0, 0];
    for (const f of this.summed) mask[f >> 5]! |= 1 << (f & 31);
    const fields = [...mask, this.#block, 0, 0, this.to];
    this.thread.views.i32(this.slotAt + layout.SLOT_BLOCK_MASK, 6).set(fields);
    for (const f of this.summed) this.#sums(f).set(this.fresh(f));
  }

  /** What the slot keeps for a feature: 2K sums. */
  kept(f: number): number[] {
    return [...this.#sums(f)];
  }

  /** The same from the feature's list. */
  fresh(f: number): number[] {
    const { thread } = this;
    const at = thread.views.address(thread.at + layout.THREAD_TILE);
    thread.views.u8(at, layout.SUM_BYTES).fill(0);
    thread.wasm.addListSum(thread.modelAt, this.slotAt, 0, 64 * this.#block + f, at);
    return [...thread.views.i32(at, 2 * this.#classes)];
  }

  /** Features with sums that are visited at or after a position. */
  toCome(position: number): number[] {
    const flips = [...this.sites.subarray(position, this.to)].filter((site) => site < 70 * this.#classes);
    const visited = new Set(flips.map((site) => Math.floor(site / this.#classes) - 64 * this.#block));
    return this.summed.filter((f) => visited.has(f));
  }

  #sums(f: number): Int32Array {
    const at = this.thread.views.address(this.slotAt + layout.SLOT_BLOCK_SUMS);
    return this.thread.views.i32(at + f * blockSumBytes(this.#classes), 2 * this.#classes);
  }
}

for (const example of [
  { classes: 2, maxWeight: 1 },
  { classes: 5, maxWeight: 3 },
  { classes: 10, maxWeight: 1 },
  { classes: 32, maxWeight: 2 },
]) {
  test(`a block's sums stay right through windows and their undoing: ${JSON.stringify(example)}`, () => {
    const one = new OneBlock(example);
    const next = uniforms(5);
    one.begin();
    let settleAt = -1;
    let changes = 0;
    for (let from = 0; from < one.to;) {
      const to = Math.min(one.to, from + 11);
      const guess = Uint8Array.of(next() * 256, next() * 256);
      const job: WindowJob = {
        ...{ kind: 'window', slot: SLOT, chain: 0, sweep: 0, betaQ: 65536 },
        ...{ settleAt, from, to, guess, report: false },
      };
      const before = JSON.stringify(one.summed.map((f) => one.kept(f)));
      one.thread.openWindow(one.slotAt, job);
      one.thread.walkWindow(one.slotAt, job, from, to, 0);
      if (JSON.stringify(one.summed.map((f) => one.kept(f))) !== before) changes++;
      for (const f of one.toCome(to)) assert.deepEqual(one.kept(f), one.fresh(f), `feature ${f} at ${to}`);
      // Any flip of the window may turn out wrong; rows are known.
      const wrong = from + Math.floor(next() * (to - from));
      settleAt = to < one.to && one.sites[wrong]! < 70 * example.classes ? wrong : -1;
      from = settleAt >= 0 ? settleAt + 1 : to;
    }
    assert.ok(changes > 5, `sums changed in ${changes} windows`);
    const { thread } = one;
    assert.equal(thread.wasm.staleRows(thread.modelAt, thread.at, one.slotAt), 0);
  });
}
