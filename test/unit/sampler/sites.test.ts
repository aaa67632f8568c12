import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildModel, type FeatureGrid, type Model } from '../../../src/posterior/model.js';
import { moveAt, type Move } from '../../../src/sampler/moves.js';
import {
  ALL_MOVES,
  BLOCK_FEATURES,
  firstRowSite,
  firstSwapSite,
  neighbourPairs,
  planSweep,
  type Moves,
} from '../../../src/sampler/sites.js';

function modelOf(grid: FeatureGrid, classes: number, unlit: readonly number[] = [], pinned = false): Model {
  const features = grid.rows * grid.columns;
  const lit = Uint8Array.from({ length: features }, (_, j) => Number(!unlit.includes(j)));
  return buildModel({ features, classes, grid, lit, pinned });
}

const planOf = (model: Model, moves: Moves, sweep = 0) =>
  planSweep(model, neighbourPairs(model), moves, 9, sweep);

const described = (move: Move): string => {
  if (move.kind === 'row') return `row ${move.j}`;
  return move.kind === 'swap' ? `swap ${move.j}-${move.j2},${move.k}` : `${move.kind} ${move.j},${move.k}`;
};

describe('neighbour pairs', () => {
  it('are all 8-neighbours, each pair once', () => {
    const { first, second, count } = neighbourPairs(modelOf({ rows: 3, columns: 4 }, 2));
    // Across 9, down 8, and both diagonals 6 each.
    assert.equal(count, 29);
    assert.equal(new Set(Array.from(first, (j, p) => `${j}-${second[p]}`)).size, 29);
    first.forEach((j, p) => {
      const j2 = second[p]!;
      assert.ok(j < j2);
      const [down, right] = [Math.floor(j2 / 4) - Math.floor(j / 4), (j2 % 4) - (j % 4)];
      assert.ok(down <= 1 && Math.abs(right) <= 1, `${j} and ${j2}`);
    });
  });

  it('leave unlit features out, and follow a line in a plain table', () => {
    const { first, second } = neighbourPairs(modelOf({ rows: 1, columns: 6 }, 2, [2]));
    assert.deepEqual(
      [[...first], [...second]],
      [
        [0, 3, 4],
        [1, 4, 5],
      ],
    );
  });
});

describe('a sweep', () => {
  const GRID = { rows: 9, columns: 15 };
  const UNLIT = [3, 77];

  for (const [name, pinned, moves] of [
    ['all moves', false, ALL_MOVES],
    ['a pinned class', true, ALL_MOVES],
    ['flips alone', false, { rows: false, swaps: false }],
    ['no rows', false, { rows: false, swaps: true }],
  ] as const) {
    it(`holds each site once: ${name}`, () => {
      const model = modelOf(GRID, 3, UNLIT, pinned);
      const pairs = neighbourPairs(model);
      const expected: number[] = [];
      const free = pinned ? [1, 2] : [0, 1, 2];
      for (let j = 0; j < model.features; j++) for (const k of free) expected.push(j * 3 + k);
      if (moves.rows && !pinned) {
        for (let j = 0; j < model.features; j++) if (model.lit[j]) expected.push(firstRowSite(model) + j);
      }
      if (moves.swaps) {
        for (let p = 0; p < pairs.count; p++)
          for (const k of free) expected.push(firstSwapSite(model) + p * 3 + k);
      }
      const { sites } = planOf(model, moves);
      assert.deepEqual(
        [...sites].sort((a, b) => a - b),
        expected,
      );
    });
  }

  it('visits block after block, feature after feature, its classes and then its row; swaps last', () => {
    const model = modelOf(GRID, 3, UNLIT);
    const { sites, blockStarts } = planOf(model, ALL_MOVES);
    assert.equal(blockStarts.length, Math.ceil(135 / BLOCK_FEATURES) + 1);
    const moves = Array.from(sites, (site) => moveAt(site, model, neighbourPairs(model)));
    const seen = new Set<number>();
    for (let b = 0; b + 1 < blockStarts.length; b++) {
      const block = moves.slice(blockStarts[b]!, blockStarts[b + 1]!);
      assert.equal(new Set(block.map(({ j }) => Math.floor(j / BLOCK_FEATURES))).size, 1);
      for (let at = 0; at < block.length;) {
        const { j } = block[at]!;
        assert.ok(!seen.has(j));
        seen.add(j);
        const here = block.slice(at, at + (model.lit[j] ? 4 : 3));
        const kinds = here.map(({ kind }) => kind);
        assert.ok(here.every((move) => move.j === j));
        assert.deepEqual(kinds, model.lit[j] ? ['flip', 'flip', 'flip', 'row'] : ['prior', 'prior', 'prior']);
        at += here.length;
      }
    }
    assert.equal(seen.size, model.features);
    assert.ok(moves.slice(blockStarts.at(-1)!).every(({ kind }) => kind === 'swap'));
  });

  it('has another order each sweep and seed, the same whenever asked', () => {
    const model = modelOf(GRID, 3);
    const order = (sweep: number, seed: number) =>
      planSweep(model, neighbourPairs(model), ALL_MOVES, seed, sweep).sites.join();
    assert.equal(order(4, 1), order(4, 1));
    assert.notEqual(order(4, 1), order(5, 1));
    assert.notEqual(order(4, 1), order(4, 2));
  });

  it('numbers sites so that each has its move', () => {
    const model = modelOf({ rows: 2, columns: 2 }, 2, [3]);
    const names = Array.from({ length: firstSwapSite(model) + 3 * 2 }, (_, site) =>
      described(moveAt(site, model, neighbourPairs(model))),
    );
    assert.deepEqual(names, [
      ...['flip 0,0', 'flip 0,1', 'flip 1,0', 'flip 1,1', 'flip 2,0', 'flip 2,1', 'prior 3,0', 'prior 3,1'],
      ...['row 0', 'row 1', 'row 2', 'row 3'],
      ...['swap 0-1,0', 'swap 0-1,1', 'swap 0-2,0', 'swap 0-2,1', 'swap 1-2,0', 'swap 1-2,1'],
    ]);
  });
});
