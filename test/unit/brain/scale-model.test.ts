import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlainSweepTables } from '../../../src/coordinator/brain/sweep-tables.js';
import { placeRows } from '../../../src/coordinator/placement.js';
import { Agenda, Network, Server, SimulatedWorker } from '../../../src/coordinator/scale-model/cluster.js';
import { USUAL_COSTS, type CostModel } from '../../../src/coordinator/scale-model/costs.js';
import { simulateScale, type ScaleResult } from '../../../src/coordinator/scale-model/simulate.js';
import { litFeatures, takeRows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { ruleOf, tinyModel, uniforms } from '../../support/tiny-models.js';

const { model, rows } = tinyModel({
  ...{ features: 36, classes: 3, rows: 120, seed: 6, grid: { rows: 6, columns: 6 } },
  litChance: Array.from({ length: 36 }, (_, j) => (j === 0 ? 0 : j % 5 === 0 ? 0.02 : 0.4)),
});
const rule = ruleOf(model, 5);
const SWEEP_MS = 100;
const FREE = { jobMs: 0, latencyMs: 0, bytesPerMs: Infinity, messageMs: 0, siteMs: 0 };
const DRAWS = 8;

interface Setting {
  readonly spread: number;
  readonly workers: number;
  readonly threads?: number;
  readonly chains: number;
  readonly costs?: Partial<CostModel>;
}

function simulate({ spread, workers, threads = 1, chains, costs }: Setting): ScaleResult {
  const shards = placeRows(rows, spread).map((list) => takeRows(rows, list));
  return simulateScale({
    ...{ workers, threads, uniform: uniforms(9) },
    costs: { ...USUAL_COSTS, sweepMs: SWEEP_MS, wrongFlips: 0.01, wrongSwaps: 0.02, ...costs },
    config: {
      ...{ rule, spread, tables: new PlainSweepTables(rule), soloSweepsPerJob: 2, checkpointSweeps: 3 },
      plan: { chains, draws: DRAWS, thin: 1, warmupBetasQ: new Int32Array(0) },
      shards: shards.map((shard) => ({ rows: shard.count, weight: shard.count, lit: litFeatures(shard) })),
      memory: { shardBytes: () => 1, slotBytes: () => 1 },
      starts: Array.from({ length: chains }, (_, chain) => ({ sweep: 0, w: randomStart(model, 5, chain) })),
    },
  });
}

test('the brain finds no fault with synthetic chains, whatever is guessed wrong', () => {
  for (const wrong of [0, 0.05, 0.5, 1]) {
    const result = simulate({
      spread: 3,
      workers: 3,
      chains: 4,
      costs: { wrongFlips: wrong, wrongSwaps: wrong },
    });
    const { sampling } = result.statistics.phases;
    assert.equal(sampling.spreadSweeps, 4 * DRAWS);
    assert.equal(sampling.wrongFlips > 0, wrong > 0);
    assert(sampling.sitesWalked >= sampling.sitesNeeded);
  }
});

test('where messages cost nothing and chains fill the threads, nothing but attaching is lost', () => {
  const { efficiency, coordinatorLoad } = simulate({
    spread: 1,
    workers: 2,
    threads: 2,
    chains: 4,
    costs: FREE,
  });
  assert(efficiency > 0.9 && efficiency <= 1, `${efficiency}`);
  assert.equal(coordinatorLoad, 0);
});

test('spread chains lose what is undone, and no more where messages cost nothing', () => {
  const costs = { ...FREE, wrongFlips: 0, wrongSwaps: 0 };
  const { efficiency, statistics } = simulate({ spread: 2, workers: 2, chains: 8, costs });
  const { sitesWalked, sitesNeeded } = statistics.phases.sampling;
  assert(efficiency > 0.85 * (sitesNeeded / sitesWalked), `${efficiency}`);
});

test('a slow network slows spread chains, and more chains hide it', () => {
  const at = (latencyMs: number, chains: number): number =>
    simulate({ spread: 2, workers: 2, chains, costs: { latencyMs } }).sweepsPerSecond;
  assert(at(50, 2) < 0.7 * at(0, 2));
  assert(at(50, 16) > 1.5 * at(50, 2));
});

test('a coordinator with too many messages is what bounds the speed', () => {
  const costs = { messageMs: 5 };
  const few = simulate({ spread: 2, workers: 4, chains: 16, costs });
  const many = simulate({ spread: 2, workers: 16, chains: 16, costs });
  assert(many.coordinatorLoad > 0.9, `${many.coordinatorLoad}`);
  assert(many.sweepsPerSecond < 2 * few.sweepsPerSecond);
  assert(many.efficiency < few.efficiency);
});

test('the same input gives the same figures', () => {
  const run = (): ScaleResult => simulate({ spread: 2, workers: 5, threads: 2, chains: 7 });
  assert.deepEqual(run(), run());
});

test('things happen in order of time, equal times in the order they came', () => {
  const agenda = new Agenda<number>();
  const next = uniforms(4);
  const times = Array.from({ length: 200 }, () => Math.floor(next() * 50));
  times.forEach((atMs, i) => agenda.put(atMs, i));
  const wanted = times
    .map((atMs, item) => ({ atMs, item }))
    .sort((a, b) => a.atMs - b.atMs || a.item - b.item);
  const taken = times.map(() => agenda.take()!).map(({ atMs, item }) => ({ atMs, item }));
  assert.deepEqual(taken, wanted);
  assert.equal(agenda.take(), undefined);
});

test('servers, threads and the network take one thing after the other', () => {
  const server = new Server();
  assert.deepEqual([server.take(0, 5), server.take(1, 5), server.take(20, 1)], [5, 10, 21]);
  assert.equal(server.busyMs, 11);
  assert.equal(new SimulatedWorker(2).work(10, [4, 1, 2]), 14);
  const network = new Network({
    ...USUAL_COSTS,
    ...{ sweepMs: 1, wrongFlips: 0, wrongSwaps: 0 },
    ...{ latencyMs: 2, bytesPerMs: 10 },
  });
  assert.deepEqual([network.send(0, 50), network.send(0, 50), network.receive(0, 10)], [6, 11, 2]);
  assert.equal(network.bytes, 110);
});
