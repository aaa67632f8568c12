import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Brain } from '../../../src/coordinator/brain/brain.js';
import type { BrainConfig } from '../../../src/coordinator/brain/config.js';
import type { BrainEvent, DrawCommand } from '../../../src/coordinator/brain/messages.js';
import { PlainSweepTables } from '../../../src/coordinator/brain/sweep-tables.js';
import { runLocally } from '../../../src/coordinator/local-driver.js';
import { placeRows } from '../../../src/coordinator/placement.js';
import { WasmSweepTables } from '../../../src/kernel/wasm/sweep-tables.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import { litFeatures, takeRows, type Rows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { sampleSerially, type SerialDraw } from '../../../src/sampler/serial.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

const CHAINS = 3;
const plan = { chains: CHAINS, draws: 4, thin: 2, warmupBetasQ: Int32Array.of(10_000, 20_000, 65_536) };

function problem(features: number, classes: number, rowCount: number, side: number) {
  const { model, rows } = tinyModel({
    ...{ features, classes, rows: rowCount, seed: 5, grid: { rows: side, columns: features / side } },
    litChance: Array.from({ length: features }, (_, j) => (j % 3 === 0 ? 0.05 : 0.4)),
    maxWeight: 2,
  });
  return { rule: ruleOf(model, 11), rows };
}

function configFor(rule: BrainConfig['rule'], shards: readonly Rows[], spread: number): BrainConfig {
  return {
    ...{ rule, plan, spread, tables: new PlainSweepTables(rule), soloSweepsPerJob: 2, checkpointSweeps: 2 },
    shards: shards.map((shard) => ({ rows: shard.count, weight: shard.count, lit: litFeatures(shard) })),
    memory: { shardBytes: () => 1, slotBytes: () => 1 },
    starts: Array.from({ length: CHAINS }, (_, chain) => ({
      ...{ sweep: 0, w: randomStart(rule.model, rule.seed, chain) },
    })),
  };
}

/** By chain, then draw. */
function inOrder<T extends { chain: number; draw: number }>(draws: readonly T[]): T[] {
  return [...draws].sort((a, b) => a.chain - b.chain || a.draw - b.draw);
}

function serialDraws(rule: BrainConfig['rule'], rows: Rows): object[] {
  const kernel = new ReferenceKernel(rule);
  const draws = [...sampleSerially({ kernel, rule, plan, shards: [rows] })].filter(
    (event): event is SerialDraw => event.kind === 'draw',
  );
  return inOrder(draws).map(({ kind: _, ...draw }) => draw);
}

function same(draws: readonly DrawCommand[], wanted: readonly object[]): void {
  assert.deepEqual(
    inOrder(draws).map(({ type: _, ...draw }) => draw),
    wanted,
  );
}

const small = problem(9, 3, 20, 3);
const smallDraws = serialDraws(small.rule, small.rows);

for (const S of [1, 2, 3]) {
  for (const workers of [1, 2, 3, 4]) {
    test(`${S} shards on ${workers} workers give the serial sampler's draws`, () => {
      const { rule, rows } = small;
      const shards = placeRows(rows, S).map((list) => takeRows(rows, list));
      const draws: DrawCommand[] = [];
      const kernels = Array.from({ length: workers }, () => new ReferenceKernel(rule));
      runLocally({
        ...{ config: configFor(rule, shards, S), shards, kernels },
        onDraw: (draw) => draws.push(draw),
      });
      same(draws, smallDraws);
    });
  }
}

test('with room for one chain the chains of a batch walk in turn, to the same draws', () => {
  const { rule, rows } = small;
  const shards = placeRows(rows, 2).map((list) => takeRows(rows, list));
  const draws: DrawCommand[] = [];
  const windows: number[] = [];
  runLocally({
    ...{ config: { ...configFor(rule, shards, 2), walkingBytes: 1 }, shards },
    kernels: shards.map(() => new ReferenceKernel(rule)),
    onDraw: (draw) => draws.push(draw),
    onEvent: (event) => {
      if (event.type === 'walked' && event.results[0]!.kind === 'window') windows.push(event.results.length);
    },
  });
  same(draws, smallDraws);
  assert.deepEqual([...new Set(windows)], [1]);
});

test('the native kernel and its tables give them, too', () => {
  const { rule, rows } = problem(25, 4, 300, 5);
  const wanted = serialDraws(rule, rows);
  const shards = placeRows(rows, 3).map((list) => takeRows(rows, list));
  const draws: DrawCommand[] = [];
  const kernels = shards.map(() => WasmKernel.alone(rule));
  const config = { ...configFor(rule, shards, 3), tables: new WasmSweepTables(rule) };
  const brain = runLocally({ config, shards, kernels, onDraw: (draw) => draws.push(draw) });
  same(draws, wanted);
  assert(brain.statistics.phases.sampling.spreadSweeps > 0);
});

test('the same events give the same commands', () => {
  const { rule, rows } = small;
  const shards = placeRows(rows, 2).map((list) => takeRows(rows, list));
  const config = configFor(rule, shards, 2);
  const transcript: BrainEvent[] = [];
  const draws: DrawCommand[] = [];
  runLocally({
    ...{ config, shards, kernels: [new ReferenceKernel(rule), new ReferenceKernel(rule)] },
    onEvent: (event) => transcript.push(event),
    onDraw: (draw) => draws.push(draw),
  });
  const [one, other] = [new Brain(config), new Brain(config)];
  const said = transcript.map((event) => one.step(event));
  assert.deepEqual(
    transcript.map((event) => other.step(event)),
    said,
  );
  assert.deepEqual(
    said.flat().filter(({ type }) => type === 'draw'),
    draws,
  );
});

test('a worker that is dropped ends a run in one process', () => {
  const { rule, rows } = small;
  const config = configFor(rule, [rows], 1);
  const wrongStart = { ...config.starts[0]!, logLikQ: 1 };
  const starts = [wrongStart, ...config.starts.slice(1)];
  const run = { config: { ...config, starts }, shards: [rows], kernels: [new ReferenceKernel(rule)] };
  assert.throws(() => runLocally(run), /worker 0: chain 0 has log-likelihood 1/);
});
