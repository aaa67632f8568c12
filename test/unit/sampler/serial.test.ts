import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeRows } from '../../../src/posterior/rows.js';
import { BETA_ONE_Q } from '../../../src/posterior/threshold.js';
import { sumOfCounts } from '../../../src/sampler/moves.js';
import type { RunPlan } from '../../../src/sampler/run-plan.js';
import { sampleSerially, type SerialEvent, type SerialRun } from '../../../src/sampler/serial.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

const { model, rows } = tinyModel({
  features: 9,
  classes: 3,
  rows: 40,
  seed: 5,
  grid: { rows: 3, columns: 3 },
});
const rule = ruleOf(model, 77);
const WARMUP = Int32Array.of(5000, 10_000, 20_000, 40_000, BETA_ONE_Q);
const PLAN: RunPlan = { chains: 2, draws: 3, thin: 2, warmupBetasQ: WARMUP };

function run(change: Partial<SerialRun> = {}): SerialEvent[] {
  return [
    ...sampleSerially({ kernel: new ReferenceKernel(rule), rule, plan: PLAN, shards: [rows], ...change }),
  ];
}

const draws = (events: readonly SerialEvent[]) =>
  events.flatMap((event) => (event.kind === 'draw' ? [{ ...event, w: event.w.join('') }] : []));

describe('the serial sampler', () => {
  it('tells of the warm-up in steps, then gives every draw, in the order (sweep, chain)', () => {
    const told = run({ progressEvery: 2 }).map((event) => [
      event.kind,
      event.sweep,
      event.chain,
      event.kind === 'draw' ? event.draw : event.betaQ,
    ]);
    assert.deepEqual(told, [
      ['warmup', 1, 0, 10_000],
      ['warmup', 1, 1, 10_000],
      ['warmup', 3, 0, 40_000],
      ['warmup', 3, 1, 40_000],
      ['warmup', 4, 0, BETA_ONE_Q],
      ['warmup', 4, 1, BETA_ONE_Q],
      ['draw', 6, 0, 0],
      ['draw', 6, 1, 0],
      ['draw', 8, 0, 1],
      ['draw', 8, 1, 1],
      ['draw', 10, 0, 2],
      ['draw', 10, 1, 2],
    ]);
  });

  it('gives the same draws whatever the steps of its progress', () => {
    assert.deepEqual(draws(run({ progressEvery: 3 })), draws(run()));
  });

  it('gives the same draws with the rows in several shards, in any order', () => {
    const order = Array.from({ length: rows.count }, (_, n) => (n * 7) % rows.count);
    const shards = [0, 1, 2].map((part) =>
      takeRows(
        rows,
        order.filter((_, i) => i % 3 === part),
      ),
    );
    assert.deepEqual(draws(run({ shards })), draws(run()));
  });

  it('draws chain after chain: more chains and more draws leave the others as they are', () => {
    const few = draws(run());
    const more = draws(run({ plan: { ...PLAN, chains: 3, draws: 5 } }));
    assert.deepEqual(
      more.filter(({ chain, draw }) => chain < 2 && draw < 3),
      few,
    );
    assert.notEqual(few[0]!.w, few[1]!.w);
  });

  it('counts the moves since the last event: their sum does not depend on the steps', () => {
    const total = (events: readonly SerialEvent[]) => events.map(({ counts }) => counts).reduce(sumOfCounts);
    const [fine, coarse] = [run(), run({ progressEvery: 5 })];
    assert.deepEqual(total(fine), total(coarse));
    // 2 chains, 11 sweeps, 27 flips each; rows and swaps only where they are open.
    assert.equal(total(fine).flipsProposed, 2 * 11 * 27);
    assert.ok(total(fine).rowsProposed > 0 && total(fine).rowsProposed < 2 * 11 * 9);
    assert.ok(total(fine).swapsAccepted > 0 && total(fine).swapsAccepted < total(fine).swapsProposed);
  });

  it('keeps warm-up draws on request: states of every thin sweeps with the moves since the one before', () => {
    const keeping = { ...PLAN, saveWarmup: true };
    const fine = run();
    const coarse = run({ plan: keeping, progressEvery: 5 });
    const kept = coarse.flatMap((event) => (event.kind === 'warmup' && event.kept ? [event] : []));
    assert.deepEqual(
      kept.map(({ chain, sweep, kept: { draw } = {} }) => [draw, sweep, chain]),
      [
        [0, 1, 0],
        [0, 1, 1],
        [1, 3, 0],
        [1, 3, 1],
      ],
    );
    for (const { chain, sweep, kept: { counts } = {}, ...state } of kept) {
      const since = fine.filter(
        (event) => event.chain === chain && event.sweep <= sweep && event.sweep > sweep - 2,
      );
      assert.deepEqual(counts, since.map((event) => event.counts).reduce(sumOfCounts));
      assert.deepEqual([state.w, state.logLikQ], [since[1]!.w, since[1]!.logLikQ]);
    }
    assert.deepEqual(draws(coarse), draws(fine));
  });

  it('gives the kernel back empty, also when its reader stops early', () => {
    const kernel = new ReferenceKernel(rule);
    for (const event of sampleSerially({ kernel, rule, plan: PLAN, shards: [rows] }))
      if (event.sweep === 2) break;
    assert.deepEqual(draws(run({ kernel })), draws(run()));
  });
});
