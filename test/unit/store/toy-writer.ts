/**
 * A process that writes a toy run, from wherever it stands: `node toy-writer.js FOLDER`. After each flush it says
 * how many draws are durable, and `done` when the run is finished. Made to be killed.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createRun, resumeRun } from '../../../src/store/open.js';
import { durableSweeps, KILLED_RUN, stateAt, sweepInto } from './toy-run.js';

const [folder = ''] = process.argv.slice(2);
const { plan } = KILLED_RUN;
const began = existsSync(join(folder, 'bitgibbs.json'));
const store = await (began ? resumeRun : createRun)(folder, KILLED_RUN, { publishEveryMs: 0 });
for (const [chain, state] of store.resume) assert.deepEqual(state, stateAt(KILLED_RUN, chain, state.sweep));
const sweeps = durableSweeps(store, KILLED_RUN);
const end = plan.warmupBetasQ.length + plan.draws * plan.thin;
process.stdout.write(`durable ${store.horizon}\n`);
// Chains run at different speeds, the first the fastest.
for (let step = 1; sweeps.some((sweep) => sweep < end); step++) {
  for (let chain = 0; chain < plan.chains; chain++) {
    const until = Math.min(end, sweeps[chain]! + (step % (chain + 1) === 0 ? 6 : 0));
    while (sweeps[chain]! < until) sweeps[chain] = sweepInto(store, KILLED_RUN, chain, sweeps[chain]!);
  }
  process.stdout.write(`durable ${await store.flush()}\n`);
  await setTimeout(3);
}
await store.close('finished');
process.stdout.write('done\n');
