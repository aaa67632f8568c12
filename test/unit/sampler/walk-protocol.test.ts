import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLit, packRows, takeRows, type Rows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { sumOfCounts } from '../../../src/sampler/moves.js';
import { SHARED, UNLIT } from '../../../src/sampler/owners.js';
import { betaQOfSweep, totalSweeps, type RunPlan } from '../../../src/sampler/run-plan.js';
import { sampleSerially, type SerialEvent } from '../../../src/sampler/serial.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel, uniforms, type TinySpec } from '../../support/tiny-models.js';
import { GroupWalk } from '../../support/walk-protocol.js';

const ALL = -1;
const NONE = -2;
/**
 * The part (of four) whose rows alone light a feature, on 3 x 5 features: each member owns two neighbours, 10 lies
 * between two owners, and two features are lit nowhere.
 */
const HOME = [ALL, 0, NONE, 3, 3, ALL, 1, ALL, ALL, ALL, 2, ALL, NONE, 2, 2];
const PARTS = 4;

/** The parts that each member holds. */
const LAYOUTS = [
  [[0, 1, 2, 3]],
  [
    [0, 1],
    [2, 3],
  ],
  [[0, 1], [2], [3]],
];

const SHAPE = { features: 15, rows: 60, litChance: HOME.map((home) => (home === NONE ? 0 : 0.5)) };
const GRID = { rows: 3, columns: 5 };

const SPECS: readonly (readonly [string, TinySpec])[] = [
  ['K = 2', { ...SHAPE, classes: 2, seed: 11, grid: GRID }],
  [
    'K = 3, pinned, weighted rows, pi .2',
    { ...SHAPE, classes: 3, seed: 12, grid: GRID, pinned: true, pi: 0.2, maxWeight: 40 },
  ],
  ['K = 5, a plain table', { ...SHAPE, classes: 5, seed: 13, pi: [0.5, 0.2, 0.7, 0.5, 0.5] }],
];

const PLAN: RunPlan = {
  chains: 2,
  draws: 4,
  thin: 2,
  warmupBetasQ: Int32Array.of(0, 8000, 30000, BETA_ONE_Q),
};

/** Row n is of part n mod 4; features are lit in their home only. */
function partsOf(rows: Rows): Rows[] {
  return Array.from({ length: PARTS }, (_, part) => {
    const mine = takeRows(
      rows,
      Array.from({ length: rows.count }, (_, n) => n).filter((n) => n % PARTS === part),
    );
    const dense = Array.from({ length: mine.count }, (_, n) =>
      HOME.map((home, j) => isLit(mine, n, j) && (home === ALL || home === part)),
    );
    return packRows(dense.flat().map(Number), rows.features, mine.labels, mine.weights);
  });
}

/** Walks the plan's chains over a layout beside the serial sampler's events. */
function walkBeside(spec: TinySpec, layout: readonly (readonly number[])[]): GroupWalk[] {
  const { model, rows } = tinyModel(spec);
  const rule = ruleOf(model, 2024);
  const parts = partsOf(rows);
  const shards = layout.map((member) => member.map((part) => parts[part]!));
  const serial = [...sampleSerially({ kernel: new ReferenceKernel(rule), rule, plan: PLAN, shards: parts })];
  const whim = uniforms(spec.seed);
  return Array.from({ length: PLAN.chains }, (_, chain) => {
    const kernels = shards.map(() => new ReferenceKernel(rule));
    const walk = new GroupWalk({ rule, chain, kernels, shards }, whim);
    for (let sweep = 0; sweep < totalSweeps(PLAN); sweep++) {
      walk.sweep(sweep, betaQOfSweep(PLAN, sweep));
      checkAgainst(serial, chain, sweep, walk);
    }
    const moves = serial.filter((event) => event.chain === chain).map((event) => event.counts);
    assert.deepEqual(walk.state().counts, moves.reduce(sumOfCounts));
    return walk;
  });
}

describe('the walk protocol with random guesses and windows', () => {
  for (const [name, spec] of SPECS) {
    for (const layout of LAYOUTS) {
      it(`gives the serial chain: ${name}, ${layout.length} members`, () => {
        for (const walk of walkBeside(spec, layout)) {
          if (layout.length === 1) continue;
          const { wrongGuesses, closedSwaps } = walk.state();
          assert.ok(wrongGuesses > 50 && closedSwaps > 5, `${wrongGuesses} wrong, ${closedSwaps} closed`);
          for (const owner of [UNLIT, SHARED, ...layout.map((_, m) => m + 1)])
            assert.ok(walk.owners.includes(owner), `owner ${owner}`);
        }
      });
    }
  }
});

function checkAgainst(serial: readonly SerialEvent[], chain: number, sweep: number, walk: GroupWalk): void {
  const event = serial.find((e) => e.chain === chain && e.sweep === sweep);
  if (!event) return;
  const state = walk.state();
  assert.equal(state.logLikQ, event.logLikQ, `log-likelihood after sweep ${sweep}`);
  assert.equal(walk.staleRows(), 0);
  if (event.kind === 'draw') assert.deepEqual(state.w, event.w, `weights after sweep ${sweep}`);
}
