/** Cells against the logarithms that they stand for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf, loweredSteps, raisedSteps } from '../../../src/kernel/wasm/cells.js';
import {
  CELL_BORROW,
  CELL_BYTES,
  CELL_CARRY,
  CELL_HIGH,
  FIRST_CELL,
  LOWERED_ENTRIES,
  SMALL_STEP,
} from '../../../src/kernel/wasm/layout.js';
import { E, FAR, LN } from '../../../src/posterior/grid.js';
import { uniforms } from '../../support/tiny-models.js';

/** By how much a log-normaliser grows when a class at distance d is raised, out of the cell of a sum. */
function up(cells: Uint8Array, sum: number, d: number): number {
  const at = ((sum >> 6) - FIRST_CELL) * CELL_BYTES + Math.min(d, SMALL_STEP);
  const high = cells[at + CELL_BYTES / 2]!;
  const carries = (sum & 63) + raisedSteps()[d]! > 63 && (high & CELL_CARRY) !== 0;
  return cells[at]! + ((high & CELL_HIGH) << 8) + (carries ? 1 : 0);
}

/** By how much it falls when the class is lowered. */
function down(cells: Uint8Array, sum: number, d: number): number {
  const at = ((sum >> 6) - FIRST_CELL) * CELL_BYTES + (Math.max(LOWERED_ENTRIES - d, SMALL_STEP) & 15);
  const high = cells[at + CELL_BYTES / 2]!;
  const borrows = loweredSteps()[d]! > (sum & 63) && (high & CELL_BORROW) !== 0;
  return cells[at]! + ((high & CELL_HIGH) << 8) + (borrows ? 1 : 0);
}

for (const classes of [2, 3, 10, 17, 32]) {
  test(`${classes} classes: every step of random sums`, () => {
    const next = uniforms(classes);
    const cells = cellsOf(classes);
    assert.equal(cells.length, (4096 * (classes - 1) + 1) * CELL_BYTES);
    for (let i = 0; i < 20_000; i++) {
      // One class at the maximum, the one that moves at d, the others anywhere.
      const d = 1 + (i % FAR);
      const reach = 1 + Math.floor(next() * FAR);
      let sum = E[0]! + E[d]!;
      for (let k = 2; k < classes; k++) sum += E[Math.floor(next() * reach)]!;
      const g = LN[sum >> 6]!;
      const raised = LN[(sum + E[d - 1]! - E[d]!) >> 6]! - g;
      const lowered = g - LN[(sum - E[d]! + E[d + 1]!) >> 6]!;
      if (up(cells, sum, d) !== raised) assert.fail(`up at ${sum}, ${d}`);
      if (down(cells, sum, d) !== lowered) assert.fail(`down at ${sum}, ${d}`);
    }
  });
}
