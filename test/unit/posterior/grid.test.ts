import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  E,
  E_ZERO_FROM,
  FAR,
  imageLogLikQ,
  LN,
  logSumExpQ,
  MAX_CLASSES,
  NAT_Q,
} from '../../../src/posterior/grid.js';
import { tableRow } from '../../support/flip-table.js';
import { uniforms } from '../../support/tiny-models.js';

/** Distance of x from the nearest point where rounding turns. */
function fromTie(x: number): number {
  return Math.abs(x - Math.floor(x) - 0.5);
}

function logSumExp(z: readonly number[]): number {
  const max = Math.max(...z);
  return max + Math.log(z.reduce((sum, zk) => sum + Math.exp(zk - max), 0));
}

/** Logits of many shapes: close together, wide, with ties, and with classes around the distance where E ends. */
function* logits(
  count: number,
  seed: number,
  sizes: readonly number[] = [2, 3, 5, 10, MAX_CLASSES],
): Generator<number[]> {
  const next = uniforms(seed);
  for (let i = 0; i < count; i++) {
    const classes = sizes[Math.floor(next() * sizes.length)]!;
    const width = 1 + Math.floor(next() * 20);
    const base = Math.floor(next() * 300);
    yield Array.from({ length: classes }, () => base + Math.floor(next() * width));
  }
}

describe('the tables', () => {
  it('have no entry near a rounding tie, so that every libm gives the same', () => {
    for (let d = 0; d < 64; d++) assert.ok(fromTie(2 ** 18 * Math.exp(-d)) > 1e-3, `E[${d}]`);
    let nearest = 1;
    for (let i = 4096; i < LN.length; i++)
      nearest = Math.min(nearest, fromTie(4096 * Math.log((i + 0.5) / 4096)));
    // An error of 1 ulp of the logarithm moves an entry by 2e-12 at most.
    assert.ok(nearest > 1e-9, `nearest to a tie: ${nearest}`);
  });

  it('hold what they say', () => {
    assert.equal(E[0], 2 ** 18);
    assert.equal(E[E_ZERO_FROM - 1], 1);
    assert.equal(E[E_ZERO_FROM], 0);
    assert.equal(LN[4096], 0);
    assert.equal(LN[131072], Math.round(4096 * Math.log(131072.5 / 4096)));
    assert.ok(LN.subarray(4096).every((entry, i, all) => i === 0 || entry >= all[i - 1]!));
  });
});

describe('logSumExpQ', () => {
  it('lies within 1.1 grid points of the logarithm', () => {
    for (const z of logits(20_000, 1)) {
      const differenceQ = logSumExpQ(z, z.length) - NAT_Q * logSumExp(z);
      assert.ok(Math.abs(differenceQ) < 1.1, `${z}: ${differenceQ}`);
    }
  });

  it('moves with a shift of all logits, and ignores their order', () => {
    for (const z of logits(2_000, 2)) {
      const value = logSumExpQ(z, z.length);
      assert.equal(
        logSumExpQ(
          z.map((zk) => zk + 1),
          z.length,
        ),
        value + NAT_Q,
      );
      assert.equal(logSumExpQ(z.toReversed(), z.length), value);
    }
  });

  it('reads one row of many', () => {
    const z = Int16Array.of(9, 9, 9, 1, 5, 2, 30, 30, 30);
    assert.equal(logSumExpQ(z, 3, 3), logSumExpQ([1, 5, 2], 3));
    assert.equal(imageLogLikQ(z, 1, 3, 3), NAT_Q * 5 - logSumExpQ([1, 5, 2], 3));
  });

  it('rises by 0 to 4096 with any logit: 2 and 3 classes in full', () => {
    const step = (z: number[], k: number): void => {
      const up = tableRow(z).up[k]!;
      assert.ok(up >= 0 && up <= NAT_Q, `${z}, class ${k}: ${up}`);
    };
    for (let a = 0; a < 20; a++) {
      for (let b = 0; b < 20; b++) {
        for (let k = 0; k < 2; k++) step([a, b], k);
        for (let k = 0; k < 3; k++) step([a, b, 10], k);
      }
    }
  });

  it('rises by 0 to 4096 with any logit: up to 32 classes', () => {
    for (const z of logits(5_000, 3)) {
      const { up, down } = tableRow(z);
      for (const entry of [...up, ...down]) assert.ok(entry >= 0 && entry <= NAT_Q, `${z}: ${entry}`);
    }
  });
});

/** Table entries of z that a step of class k changes. */
function changedEntries(z: readonly number[], k: number, step: 1 | -1): number {
  const before = tableRow(z);
  const after = tableRow(z.map((zk, other) => (other === k ? zk + step : zk)));
  const changed = (a: Int32Array, b: Int32Array): number => a.filter((entry, i) => entry !== b[i]).length;
  return changed(before.up, after.up) + changed(before.down, after.down);
}

describe('a class far below the maximum', () => {
  /** Changed entries over many rows where some class is `far` below the maximum before or after a step, never nearer. */
  const changesAt = (far: number): number => {
    let changed = 0;
    for (const others of logits(20_000, 4, [1, 2, 3, 4, 9])) {
      const top = Math.max(...others);
      changed += changedEntries([...others, top - far], others.length, -1);
      changed += changedEntries([...others, top - far - 1], others.length, 1);
    }
    return changed;
  };

  it(`leaves the row untouched from ${FAR} on`, () => {
    for (const far of [FAR, FAR + 1, FAR + 2, 40]) assert.equal(changesAt(far), 0);
  });

  it(`would change rows at ${FAR - 1}, so the rule can't be looser`, () => {
    assert.ok(changesAt(FAR - 1) > 0);
  });

  it(`changes this row at ${FAR - 1}`, () => {
    assert.equal(changedEntries([20, 16, 8, 6], 3, -1), 1);
    assert.equal(changedEntries([20, 16, 8, 5], 3, -1), 0);
  });
});
