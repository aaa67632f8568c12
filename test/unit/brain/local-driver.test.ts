import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrawCommand } from '../../../src/coordinator/brain/messages.js';
import { runLocally } from '../../../src/coordinator/local-driver.js';
import { PlainSweepTables } from '../../../src/coordinator/brain/sweep-tables.js';
import { litFeatures, takeRows, type Rows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { sampleSerially } from '../../../src/sampler/serial.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

function cut(rows: Rows, S: number): Rows[] {
  return Array.from({ length: S }, (_, s) =>
    takeRows(
      rows,
      Array.from({ length: rows.count }, (_, n) => n).filter((n) => n % S === s),
    ),
  );
}

for (const S of [1, 2, 3]) {
  for (const workers of [1, 2, 3, 4]) {
    test(`local run S=${S} workers=${workers} equals the serial sampler`, () => {
      const { model, rows } = tinyModel({
        features: 9,
        classes: 3,
        rows: 20,
        seed: 5,
        grid: { rows: 3, columns: 3 },
        litChance: 0.25,
        maxWeight: 2,
      });
      const rule = ruleOf(model, 11);
      const plan = { chains: 3, draws: 4, thin: 2, warmupBetasQ: Int32Array.from([10000, 20000, 65536]) };
      const want = [
        ...sampleSerially({ kernel: new ReferenceKernel(rule), rule, plan, shards: [rows] }),
      ].filter((e) => e.kind === 'draw');
      const shards = cut(rows, S);
      const got: DrawCommand[] = [];
      runLocally({
        config: {
          rule,
          plan,
          shards: shards.map((r) => ({
            rows: r.count,
            weight: r.weights.reduce((a, b) => a + b, 0),
            lit: litFeatures(r),
          })),
          spread: S,
          memory: { shardBytes: () => 1, slotBytes: () => 1 },
          tables: new PlainSweepTables(rule),
          starts: Array.from({ length: 3 }, (_, c) => ({ sweep: 0, w: randomStart(model, 11, c) })),
          soloSweepsPerJob: 2,
          checkpointSweeps: 2,
        },
        shards,
        kernels: Array.from({ length: workers }, () => new ReferenceKernel(rule)),
        onDraw: (d) => got.push(d),
      });
      const key = (d: { chain: number; draw: number; w: Uint8Array; logLikQ: number; counts: object }) =>
        [d.chain, d.draw, [...d.w].join(''), d.logLikQ, JSON.stringify(d.counts)].join(' ');
      assert.deepEqual(got.map(key).sort(), want.map((d) => key(d as never)).sort());
    });
  }
}
