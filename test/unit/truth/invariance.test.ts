/** Each move, with the probabilities that its thresholds give it, leaves the enumerated posterior as it is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Model } from '../../../src/posterior/model.js';
import { BETA_ONE_Q, thresholdQ } from '../../../src/posterior/threshold.js';
import {
  applyMove,
  drawFromPrior,
  isOpen,
  moveAt,
  priorChange,
  type Proposal,
} from '../../../src/sampler/moves.js';
import { ALL_MOVES, neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { takenShare } from '../../support/acceptance.js';
import { allStates, freeWeights, integerPosterior, stateNumber } from '../../support/enumeration.js';
import { changesOf } from '../../support/reference-kernel.js';
import { referenceShard, ReferenceSlot, type ReferenceShard } from '../../support/reference-slot.js';
import { tinyModel, type TinySpec } from '../../support/tiny-models.js';

const TOLERANCE = 1e-12;

const MODELS: readonly (readonly [string, TinySpec])[] = [
  ['K 2, pi .5', { features: 4, classes: 2, rows: 12, seed: 1, grid: { rows: 2, columns: 2 } }],
  ['K 2, pi .2, weights', { features: 4, classes: 2, rows: 9, seed: 2, pi: 0.2, maxWeight: 30 }],
  [
    'K 2, pinned, pi .5',
    { features: 8, classes: 2, rows: 20, seed: 3, pinned: true, grid: { rows: 2, columns: 4 } },
  ],
  ['K 3, pi .5, weights', { features: 2, classes: 3, rows: 15, seed: 4, maxWeight: 9 }],
  [
    'K 3, pinned, pi .2',
    { features: 4, classes: 3, rows: 15, seed: 5, pinned: true, pi: 0.2, grid: { rows: 2, columns: 2 } },
  ],
  ['K 4, pi .2', { features: 2, classes: 4, rows: 10, seed: 6, pi: 0.2 }],
  ['K 4, pinned, pi .5, weights', { features: 2, classes: 4, rows: 10, seed: 7, pinned: true, maxWeight: 5 }],
  [
    'K 2, one pi a weight',
    { features: 4, classes: 2, rows: 12, seed: 8, pi: [0.5, 0.2, 0.2, 0.9, 0.7, 0.2, 0.4, 0.5] },
  ],
  [
    'K 2, an unlit feature, pi .2',
    { features: 4, classes: 2, rows: 10, seed: 9, pi: 0.2, litChance: [0.5, 0.5, 0, 0.5] },
  ],
];

const BETAS_Q = [0, 7864, 40_000, BETA_ONE_Q];

/** Where a state goes: numbers of states and probabilities, what is left stays. */
type Moved = readonly { readonly to: number; readonly chance: number }[];

class Transitions {
  readonly states: readonly Uint8Array[];
  readonly #free: readonly number[];
  readonly #shard: ReferenceShard;

  constructor(
    readonly model: Model,
    rows: Parameters<typeof referenceShard>[0],
    readonly betaQ: number,
  ) {
    this.states = allStates(model);
    this.#free = freeWeights(model);
    this.#shard = referenceShard(rows);
  }

  /** The move at a site from every state. */
  *from(site: number): Generator<Moved> {
    const move = moveAt(site, this.model, neighbourPairs(this.model));
    for (const w of this.states) yield move.kind === 'prior' ? this.#prior(w, move) : this.#proposal(w, move);
  }

  #prior(w: Uint8Array, { j, k }: { j: number; k: number }): Moved {
    const i = j * this.model.classes + k;
    const chance = takenShare((bits) => drawFromPrior(bits, this.model.priorQ[i]!) === 1);
    const to = (bit: number): number =>
      stateNumber(
        this.#free,
        Uint8Array.from(w, (b, other) => (other === i ? bit : b)),
      );
    return [
      { to: to(1), chance },
      { to: to(0), chance: 1 - chance },
    ];
  }

  #proposal(w: Uint8Array, move: Proposal): Moved {
    const { model, betaQ } = this;
    if (!isOpen(model, w, move)) return [];
    const spec = { slot: 0, shards: [], owners: model.lit, self: 1 };
    const deltaQ = new ReferenceSlot(model, [this.#shard], spec, w).deltaQ(changesOf(move, model.classes));
    const priorChangeQ = priorChange(model, w, move);
    const after = w.slice();
    applyMove(model, after, move);
    const chance = takenShare((bits) => deltaQ >= thresholdQ(bits, priorChangeQ, betaQ));
    return [{ to: stateNumber(this.#free, after), chance }];
  }
}

/** Largest change of a probability when every state moves once. */
function worstChange(posterior: Float64Array, moved: Iterable<Moved>): number {
  const after = new Float64Array(posterior.length);
  let from = 0;
  for (const moves of moved) {
    let stays = 1;
    for (const { to, chance } of moves) {
      after[to]! += posterior[from]! * chance;
      stays -= chance;
    }
    after[from]! += posterior[from]! * stays;
    from++;
  }
  return posterior.reduce((worst, p, state) => Math.max(worst, Math.abs(after[state]! - p)), 0);
}

describe('a move leaves the integer posterior as it is', () => {
  for (const [name, spec] of MODELS) {
    for (const betaQ of BETAS_Q) {
      it(`${name}, beta ${(betaQ / BETA_ONE_Q).toFixed(2)}`, () => {
        const { model, rows } = tinyModel(spec);
        const posterior = integerPosterior(model, rows, betaQ);
        const transitions = new Transitions(model, rows, betaQ);
        const { sites } = planSweep(model, neighbourPairs(model), ALL_MOVES, 1, 0);
        let moving = 0;
        for (const site of sites) {
          const moved = [...transitions.from(site)];
          moving += moved.filter((moves) => moves.length > 0).length;
          const worst = worstChange(posterior, moved);
          assert.ok(worst < TOLERANCE, `site ${site}: ${worst}`);
        }
        assert.ok(moving > posterior.length);
      });
    }
  }

  it('and would not with another prior term', () => {
    const { model, rows } = tinyModel(MODELS[5]![1]);
    const transitions = new Transitions(
      { ...model, priorQ: model.priorQ.map((q) => q + 1) },
      rows,
      BETA_ONE_Q,
    );
    assert.ok(worstChange(integerPosterior(model, rows), transitions.from(0)) > 1e-6);
  });
});
