import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Brain } from '../../../src/coordinator/brain/brain.js';
import type { Audit, BrainCommand, BrainEvent, DropWorker } from '../../../src/coordinator/brain/messages.js';
import { PlainSweepTables } from '../../../src/coordinator/brain/sweep-tables.js';
import { isWorkerCommand, LocalWorker } from '../../../src/coordinator/local-worker.js';
import { litFeatures, takeRows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

const { model, rows } = tinyModel({ features: 6, classes: 2, rows: 12, seed: 3 });
const rule = ruleOf(model, 4);
const DRAWS = 6;

interface Outcome {
  readonly audits: readonly Audit[];
  readonly drops: readonly DropWorker[];
  readonly draws: number;
  readonly passed: number;
}

interface Setting {
  readonly chains: number;
  readonly spread: number;
  readonly workers: number;
  /** Whether an audit is due at all times. */
  readonly due?: boolean;
  /** The worker whose audits find wrong rows, from its third on. */
  readonly wrong?: number;
}

/** A whole run. */
function run({ chains, spread, workers, due = true, wrong = -1 }: Setting): Outcome {
  const shards = Array.from({ length: spread }, (_, s) =>
    takeRows(
      rows,
      Array.from({ length: rows.count }, (_, n) => n).filter((n) => n % spread === s),
    ),
  );
  const plan = { chains, draws: DRAWS, thin: 1, warmupBetasQ: new Int32Array(0) };
  const brain = new Brain({
    ...{ rule, plan, spread, tables: new PlainSweepTables(rule), soloSweepsPerJob: 1, checkpointSweeps: 4 },
    shards: shards.map((shard) => ({ rows: shard.count, weight: shard.count, lit: litFeatures(shard) })),
    memory: { shardBytes: () => 1, slotBytes: () => 1 },
    starts: Array.from({ length: chains }, (_, chain) => ({ sweep: 0, w: randomStart(model, 4, chain) })),
  });
  const locals = Array.from(
    { length: workers },
    (_, id) => new LocalWorker(id, new ReferenceKernel(rule), shards),
  );
  const queue: BrainEvent[] = locals.map(({ id }) => ({
    type: 'workerJoined',
    worker: id,
    threads: 1,
    memoryBytes: 1000,
  }));
  const seen: BrainCommand[] = [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const before = due ? brain.step({ type: 'auditDue' }) : [];
    for (const command of [...before, ...brain.step(next)]) {
      seen.push(command);
      if (!isWorkerCommand(command)) continue;
      const answer = locals[command.worker]!.answer(command);
      const count = seen.filter(
        ({ type, ...rest }) => type === 'audit' && 'worker' in rest && rest.worker === wrong,
      ).length;
      if (answer?.type === 'audited' && answer.worker === wrong && count > 2)
        queue.push({ ...answer, differing: 7 });
      else if (answer) queue.push(answer);
    }
  }
  return {
    audits: seen.filter((command) => command.type === 'audit'),
    drops: seen.filter((command) => command.type === 'dropWorker'),
    draws: seen.filter(({ type }) => type === 'draw').length,
    passed: brain.statistics.audits,
  };
}

test('chains take turns, each on all workers that share it', () => {
  for (const [spread, workers] of [
    [1, 1],
    [1, 2],
    [2, 2],
    [3, 3],
  ] as const) {
    const { audits, drops, draws, passed } = run({ chains: 3, spread, workers });
    assert.deepEqual([drops, draws, passed], [[], 3 * DRAWS, audits.length]);
    const members = spread > 1 ? workers : 1;
    const turns = audits.filter((_, i) => i % members === 0).map(({ chain }) => chain);
    assert.ok(turns.length >= 3, `${turns.length} audits`);
    assert.deepEqual(turns.slice(0, 3).toSorted(), [0, 1, 2]);
    audits.forEach(({ chain }, i) => assert.equal(chain, turns[Math.floor(i / members)]));
  }
});

test('none is asked for unless it is due', () => {
  assert.equal(run({ chains: 2, spread: 2, workers: 2, due: false }).audits.length, 0);
});

test('a worker with wrong rows is dropped with its reason, and the others do its work', () => {
  for (const spread of [1, 2]) {
    const { drops, draws } = run({ chains: 2, spread, workers: 3, wrong: 1 });
    assert.deepEqual(
      drops.map(({ worker }) => worker),
      [1],
    );
    assert.match(
      drops[0]!.reason,
      /^chain \d: 7 table rows differ from their recomputation after [1-9]\d* sweeps; its sweeps from \d+ on rest on the exact audit alone$/,
    );
    assert.equal(draws, 2 * DRAWS);
  }
});
