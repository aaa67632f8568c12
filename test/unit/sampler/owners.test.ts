import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildModel } from '../../../src/posterior/model.js';
import {
  featureOwners,
  flipRole,
  MAX_MEMBERS,
  rowRole,
  SHARED,
  swapRole,
  UNLIT,
} from '../../../src/sampler/owners.js';
import { neighbourPairs } from '../../../src/sampler/sites.js';
import { uniforms } from '../../support/tiny-models.js';

const LIT = new Uint8Array(6).fill(1);
const far = neighbourPairs(buildModel({ features: 6, classes: 2, lit: new Uint8Array(6) }));
const line = neighbourPairs(buildModel({ features: 6, classes: 2, lit: LIT }));

describe('owners', () => {
  it('are the one member that lights a feature; several share it, none leaves it unlit', () => {
    const lit = [
      Uint8Array.of(1, 1, 0, 0, 0, 1),
      Uint8Array.of(0, 1, 0, 1, 0, 0),
      Uint8Array.of(0, 1, 0, 0, 0, 1),
    ];
    assert.deepEqual([...featureOwners(lit, 6, far)], [1, SHARED, UNLIT, 2, UNLIT, SHARED]);
  });

  it('own everything lit when alone', () => {
    assert.deepEqual([...featureOwners([Uint8Array.of(1, 0, 1, 1, 0, 1)], 6, line)], [1, 0, 1, 1, 0, 1]);
  });

  it('share the second of two neighbours that would have different owners', () => {
    const lit = [Uint8Array.of(1, 1, 0, 0, 1, 1), Uint8Array.of(0, 0, 1, 1, 0, 1)];
    assert.deepEqual([...featureOwners(lit, 6, line)], [1, 1, SHARED, 2, SHARED, SHARED]);
  });

  it('never leave a swap between features of two members', () => {
    const next = uniforms(3);
    const grid = { rows: 6, columns: 7 };
    for (let trial = 0; trial < 50; trial++) {
      const lit = Array.from({ length: 4 }, () =>
        Uint8Array.from({ length: 42 }, () => Number(next() < 0.25)),
      );
      const any = Uint8Array.from({ length: 42 }, (_, j) => Math.max(...lit.map((member) => member[j]!)));
      const pairs = neighbourPairs(buildModel({ features: 42, classes: 2, grid, lit: any }));
      const owners = featureOwners(lit, 42, pairs);
      assert.ok(owners.every((owner, j) => (owner === UNLIT) === (any[j] === 0)));
      for (let p = 0; p < pairs.count; p++) {
        const [a, b] = [owners[pairs.first[p]!]!, owners[pairs.second[p]!]!];
        assert.ok(a === b || a === SHARED || b === SHARED, `${a} and ${b}`);
      }
    }
  });

  it('are at most 254', () => {
    const members = (count: number) => Array.from({ length: count }, () => LIT);
    assert.throws(() => featureOwners(members(MAX_MEMBERS + 1), 6, far), RangeError);
    assert.equal(featureOwners([...members(1).map(() => new Uint8Array(6)), LIT], 6, far)[0], 2);
  });
});

describe('roles', () => {
  it('of a flip', () => {
    assert.deepEqual(
      [UNLIT, SHARED, 2, 3].map((owner) => flipRole(owner, 2)),
      ['known', 'shared', 'own', 'skip'],
    );
  });

  it('of a row, which everyone can decide who knows its bits', () => {
    assert.deepEqual(
      [SHARED, 2, 3].map((owner) => rowRole(owner, 2)),
      ['known', 'own', 'skip'],
    );
  });

  it('of a swap, private only when both features are', () => {
    assert.equal(swapRole(2, 2, 2), 'own');
    assert.equal(swapRole(3, 3, 2), 'skip');
    assert.equal(swapRole(SHARED, SHARED, 2), 'shared');
    assert.equal(swapRole(SHARED, 2, 2), 'shared');
    assert.equal(swapRole(3, SHARED, 2), 'shared');
  });
});
