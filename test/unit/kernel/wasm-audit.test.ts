/** Whatever changes in a slot's rows behind the kernel's back, the full recompute finds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as layout from '../../../src/kernel/wasm/layout.js';
import { directoryEntry, WasmPool } from '../../../src/kernel/wasm/pool.js';
import { rowStride } from '../../../src/kernel/wasm/sizes.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { takeRows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

for (const classes of [2, 3, 10]) {
  test(`one wrong bit in a row of ${classes} classes`, () => {
    const { model, rows } = tinyModel({ features: 12, classes, rows: 80, seed: classes, litChance: 0.4 });
    const rule = ruleOf(model, 9);
    const pool = new WasmPool(rule);
    const shards = [0, 1].map((s) =>
      takeRows(
        rows,
        Array.from({ length: 40 }, (_, n) => 2 * n + s),
      ),
    );
    shards.forEach((shard, s) => pool.addShard(s, shard));
    pool.openSlot(5, [0, 1]);
    const kernel = WasmKernel.over(pool.description);
    const spec = { slot: 5, shards: [0, 1], owners: Uint8Array.from(model.lit), self: 1 };
    kernel.attach(spec, randomStart(model, 9, 0));
    const betasQ = new Int32Array(20).fill(BETA_ONE_Q);
    kernel.walk([{ kind: 'solo', slot: 5, chain: 0, sweep: 0, betasQ, reportAfter: [19] }]);
    assert.equal(kernel.audit(5), 0);

    const memory = new DataView(pool.description.memory.buffer);
    const slot = memory.getUint32(directoryEntry(5), true);
    const stride = rowStride(classes);
    for (let row = 0; row < 80; row += 7) {
      const segment = slot + layout.SLOT_SEGMENT_LIST + (row < 40 ? 0 : layout.SEGMENT_BYTES);
      const at = memory.getUint32(segment + layout.SEGMENT_ROWS, true) + (row % 40) * stride;
      // 2 K entries of the table, K logits, g.
      for (let lane = 0; lane <= 3 * classes; lane++) {
        const right = memory.getUint16(at + 2 * lane, true);
        memory.setUint16(at + 2 * lane, right ^ (1 << (lane % 16)), true);
        assert.equal(kernel.audit(5), 1, `row ${row}, lane ${lane}`);
        memory.setUint16(at + 2 * lane, right, true);
      }
    }
    assert.equal(kernel.audit(5), 0);

    const weights = memory.getUint32(slot + layout.SLOT_WEIGHTS, true);
    memory.setUint8(weights + 1, 1 - memory.getUint8(weights + 1));
    assert.ok(kernel.audit(5) > 0, 'a wrong weight');
  });
}
