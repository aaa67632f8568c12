/** Runs as Python reads them: by xarray and ArviZ, while they are written, when their writer is killed, afterwards. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { logPosterior } from '../../src/posterior/model.js';
import { warmupDraws } from '../../src/sampler/run-plan.js';
import { createRun } from '../../src/store/open.js';
import { openRun } from '../../src/store/read-run.js';
import type { PythonReader } from '../support/python-reader.js';
import { testWithPython } from '../support/python-reader.js';
import { KILLS, writeAndKill, writeToTheEnd } from '../unit/store/kill-writer.js';
import {
  appendUpTo,
  digestUpTo,
  drawAt,
  expectedDraws,
  KILLED_RUN,
  toySpec,
  warmupDrawAt,
  withFolder,
} from '../unit/store/toy-run.js';

interface Lengths {
  readonly lengths: number[];
  readonly consecutive: boolean;
  readonly torn: number;
}

interface Look extends Lengths {
  readonly status: string;
  readonly warmup?: Lengths;
}

interface Warmup {
  readonly variables: Record<string, Record<string, [string[], string]>>;
  readonly attributes: { readonly posterior: string[]; readonly warmup: string[] };
  readonly stored: number[][];
  /** By chain, draw, feature and class. */
  readonly w: number[][][][];
  readonly lp: number[][];
  readonly beta: number[][];
  readonly sweep: number[][];
  readonly acceptance: number[][];
  readonly class: string[];
}

interface Everything {
  readonly digest: string;
  readonly torn: number;
  readonly variables: Record<string, Record<string, [string[], string]>>;
  readonly attributes: Record<string, unknown>;
  readonly groups: string[];
  readonly ess: number;
  readonly mean: number[];
  readonly lp: number[][];
  readonly acceptance: number[];
  readonly proposed: number[][];
  readonly row: number[];
  readonly column: number[];
  readonly class: (string | number)[];
  readonly prior: number[];
  readonly warmup_beta: number[];
  readonly y: number[];
}

const SPEC = toySpec({
  model: { grid: { rows: 3, columns: 4 } },
  plan: { draws: 200 },
  spec: { data: { ...toySpec().data, classNames: ['cat', 'dog', 'élan'] } },
});

async function lookAt(python: PythonReader, folder: string): Promise<Look> {
  const seen = await python.ask<Look>('look', folder);
  for (const { lengths, torn, consecutive } of [seen, ...(seen.warmup ? [seen.warmup] : [])]) {
    assert.equal(lengths.length, 1, `arrays of different length: ${lengths.join(', ')}`);
    assert.equal(torn, 0);
    assert.ok(consecutive);
  }
  return seen;
}

testWithPython('xarray and ArviZ read a run, with the values that were stored', (python) =>
  withFolder(async (folder) => {
    const store = await createRun(folder, SPEC);
    appendUpTo(store, SPEC, 200);
    await store.close('finished');
    const seen = await python.ask<Everything>('everything', folder);

    assert.equal(seen.digest, digestUpTo(SPEC, 200));
    assert.equal(seen.torn, 0);
    assert.deepEqual(seen.groups, ['constant_data', 'observed_data', 'posterior', 'sample_stats']);
    const { w, ...coordinates } = seen.variables['/posterior']!;
    assert.deepEqual(w, [['chain', 'draw', 'feature', 'class'], 'b']);
    assert.deepEqual(Object.keys(coordinates), ['chain', 'class', 'column', 'draw', 'feature', 'row']);
    assert.deepEqual(seen.variables['/sample_stats']!['acceptance_rate'], [['chain', 'draw', 'move'], 'f']);
    assert.equal(seen.attributes['inference_library'], 'bitgibbs');
    assert.match(String(seen.attributes['created_at']), /^\d{4}-\d\d-\d\dT/);
    assert.equal(seen.attributes['tuning_steps'], 3);

    assert.deepEqual(seen.class, ['cat', 'dog', 'élan']);
    assert.deepEqual(seen.row.slice(2, 6), [0, 0, 1, 1]);
    assert.deepEqual(seen.column.slice(2, 6), [2, 3, 0, 1]);
    assert.deepEqual(
      seen.prior,
      Array.from(SPEC.model.priorQ, (q) => q / 4096),
    );
    assert.deepEqual(
      seen.warmup_beta,
      Array.from(SPEC.plan.warmupBetasQ, (q) => q / 65536),
    );
    assert.deepEqual(seen.y, [0, 1, 2, 0, 1]);

    const { counts, w: bits, logLikQ } = drawAt(SPEC, 1, 0);
    assert.ok(Math.abs(seen.acceptance[1]! - counts.flipsAccepted / 36) < 1e-6);
    assert.deepEqual(seen.proposed[1], [36, 0, 2 ** 33]);
    assert.equal(seen.lp[1]![0], logPosterior(SPEC.model, bits, logLikQ));
    const draws = expectedDraws(SPEC, 0, 200);
    const mean = draws.reduce((sum, draw) => sum + draw.w[5]!, 0) / draws.length;
    assert.ok(Math.abs(seen.mean[5]! - mean) < 1e-12);
    assert.ok(Number.isFinite(seen.ess));
  }),
);

testWithPython('xarray and ArviZ read the warm-up of a run that keeps it', (python) =>
  withFolder(async (folder) => {
    const warmupBetasQ = Int32Array.from({ length: 21 }, (_, i) => 3000 * (i + 1));
    const spec = { ...SPEC, plan: { ...SPEC.plan, warmupBetasQ, saveWarmup: true } };
    const store = await createRun(folder, spec);
    appendUpTo(store, spec, 200);
    await store.close('finished');
    assert.deepEqual((await lookAt(python, folder)).warmup, { lengths: [10], consecutive: true, torn: 0 });
    const { digest, groups } = await python.ask<Everything>('everything', folder);
    assert.equal(digest, digestUpTo(spec, 200), 'the draws are as without it');
    assert.deepEqual(groups.slice(-2), ['warmup_posterior', 'warmup_sample_stats']);

    const seen = await python.ask<Warmup>('warmup', folder);
    assert.deepEqual(seen.stored, [
      [10, 10, 10],
      [200, 200, 200],
    ]);
    const { w, ...coordinates } = seen.variables['/warmup_posterior']!;
    assert.deepEqual(w, [['chain', 'draw', 'feature', 'class'], 'b']);
    assert.deepEqual(Object.keys(coordinates), ['chain', 'class', 'column', 'draw', 'feature', 'row']);
    assert.deepEqual(seen.attributes.warmup, seen.attributes.posterior);
    assert.deepEqual(seen.class, ['cat', 'dog', 'élan']);
    for (let chain = 0; chain < 3; chain++) {
      for (let draw = 0; draw < 10; draw++) {
        const { w: bits, logLikQ, sweep, counts } = warmupDrawAt(spec, chain, draw);
        assert.deepEqual(seen.w[chain]![draw]!.flat(), [...bits]);
        assert.equal(seen.lp[chain]![draw], logPosterior(spec.model, bits, logLikQ));
        assert.equal(seen.sweep[chain]![draw], sweep);
        assert.equal(seen.beta[chain]![draw], warmupBetasQ[sweep]! / 65536);
        assert.ok(Math.abs(seen.acceptance[chain]![draw]! - counts.flipsAccepted / 36) < 1e-6);
      }
    }
  }),
);

testWithPython('readers see one number of draws while a run is written', (python) =>
  withFolder(async (folder) => {
    const store = await createRun(folder, SPEC, { publishEveryMs: 0 });
    assert.deepEqual((await lookAt(python, folder)).lengths, [0]);
    let writing = true;
    const write = async (): Promise<void> => {
      for (let to = 1; to <= 200; to++) {
        appendUpTo(store, SPEC, to);
        await store.flush();
      }
      writing = false;
    };
    const written = write();
    const seen = new Set<number>();
    const groups = new Set<number>();
    while (writing) {
      const { lengths, status } = await lookAt(python, folder);
      assert.equal(status, 'running');
      seen.add(lengths[0]!);
      const { group, array } = await python.ask<{ group: number[]; array: number }>('alone', folder);
      assert.equal(group.length, 1);
      assert.ok(array <= group[0]!, 'an array tells of draws that its group does not have');
      groups.add(group[0]!);
    }
    await written;
    await store.close('finished');
    assert.ok(seen.size > 1 && groups.size > 1, 'nothing was seen of the run in progress');
    assert.deepEqual(await lookAt(python, folder), {
      lengths: [200],
      consecutive: true,
      torn: 0,
      status: 'finished',
    });
    assert.deepEqual(await python.ask('alone', folder), { group: [200], array: 200 });
  }),
);

testWithPython(`Python reads a run whose writer is killed, ${KILLS} times in a row`, (python) =>
  withFolder(async (folder) => {
    let seen = 0;
    for (let kills = 0; kills < KILLS; kills++) {
      const { done } = await writeAndKill(folder, 1 + Math.floor(Math.random() * 11), Math.random() * 25);
      const { lengths, warmup } = await lookAt(python, folder);
      const reader = await openRun(folder);
      assert.deepEqual([lengths, warmup?.lengths], [[reader.horizon], [reader.warmup!.horizon]]);
      const total = reader.horizon + reader.warmup!.horizon;
      assert.ok(total >= seen);
      seen = total;
      if (!done) continue;
      await rm(folder, { recursive: true });
      seen = 0;
    }
    await writeToTheEnd(folder);
    const { lengths, warmup } = await lookAt(python, folder);
    assert.deepEqual(lengths, [KILLED_RUN.plan.draws]);
    assert.deepEqual(warmup?.lengths, [warmupDraws(KILLED_RUN.plan)]);
  }),
);
