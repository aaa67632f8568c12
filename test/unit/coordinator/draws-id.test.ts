import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawsId } from '../../../src/coordinator/draws-id.js';
import { geometricBetasQ, type RunPlan } from '../../../src/sampler/run-plan.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

const { model } = tinyModel({ features: 6, classes: 3, rows: 8, seed: 3, grid: { rows: 2, columns: 3 } });
const RULE = ruleOf(model, 7);
const PLAN: RunPlan = { chains: 2, draws: 5, thin: 1, warmupBetasQ: geometricBetasQ(4) };
const TEMPERING = { replicas: 3, betaMinQ: 0, exchangeEvery: 1, annealSweeps: 1 };
const ID = drawsId(RULE, PLAN, 'data');

test('the number of draws and what is kept beside them change no draw, and not their name', () => {
  assert.match(ID, /^[0-9a-f]{64}$/);
  assert.equal(drawsId(RULE, { ...PLAN, draws: 50, saveWarmup: true }, 'data'), ID);
});

const changes: [string, string][] = [
  ['the data', drawsId(RULE, PLAN, 'other')],
  ['the seed', drawsId({ ...RULE, seed: 8 }, PLAN, 'data')],
  ['the moves', drawsId({ ...RULE, moves: { rows: true, swaps: !RULE.moves.swaps } }, PLAN, 'data')],
  [
    'the prior',
    drawsId({ ...RULE, model: { ...model, priorQ: model.priorQ.map((q) => q + 1) } }, PLAN, 'data'),
  ],
  ['the chains', drawsId(RULE, { ...PLAN, chains: 3 }, 'data')],
  ['thinning', drawsId(RULE, { ...PLAN, thin: 2 }, 'data')],
  ['the warm-up', drawsId(RULE, { ...PLAN, warmupBetasQ: geometricBetasQ(4, 0.5) }, 'data')],
  ['tempering', drawsId(RULE, { ...PLAN, tempering: TEMPERING }, 'data')],
  ['the ladder', drawsId(RULE, { ...PLAN, tempering: { ...TEMPERING, replicas: 4 } }, 'data')],
];
for (const [what, id] of changes) {
  test(`${what} changes the name`, () => {
    assert.notEqual(id, ID);
    assert.equal(changes.filter(([, other]) => other === id).length, 1);
  });
}
