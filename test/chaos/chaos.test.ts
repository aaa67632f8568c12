/**
 * Whatever is killed or stopped, and whenever: a run on MNIST ends with the draws of an undisturbed one.
 *
 *     npm run chaos               twenty seeds
 *     npm run chaos -- 7          replays one
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchFolder, succeed } from '../e2e/support/cli.js';
import { faultsOf, type Fault } from './support/faults.js';
import { Party } from './support/party.js';

const WORKERS = 4;
const LEAST_FAULTS = 20;
const DATA = ['mnist', '--images', '6000', '--classes', '3,8'];
const PLAN = { chains: 4, warmup: 100, draws: 24, thin: 4 };
/** A sweep of a chain that is spread over two workers takes the time of about so many of the warm-up. */
const SPREAD_SWEEP = 5;
const args = [
  ...DATA,
  ...Object.entries(PLAN).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ...['--seed', '2026', '--shards', '2'],
];
const POLL_MS = 50;

const folder = scratchFolder('chaos');
let undisturbed = { digest: '', seconds: 0 };

/** What part of the run is done, by the time it takes. */
function partOf(sweeps: readonly number[]): number {
  const timeOf = (sweep: number): number => sweep + (SPREAD_SWEEP - 1) * Math.max(0, sweep - PLAN.warmup);
  const done = sweeps.reduce((sum, sweep) => sum + timeOf(sweep), 0);
  return done / (PLAN.chains * timeOf(PLAN.warmup + PLAN.draws * PLAN.thin));
}

async function strike(party: Party, { kind, worker, pauseMs }: Fault): Promise<boolean> {
  switch (kind) {
    case 'kill worker':
      return party.killWorker(worker, pauseMs);
    case 'stop worker':
      return party.stopWorker(worker, pauseMs);
    case 'kill coordinator':
      return party.killCoordinator(pauseMs);
    case 'stop coordinator':
      return party.stopCoordinator(pauseMs);
  }
}

/** Lets a run end while the faults strike. @returns what struck, in words */
async function weather(party: Party, faults: readonly Fault[]): Promise<string[]> {
  const struck: string[] = [];
  const begun = performance.now();
  for (let next = 0; next < faults.length;) {
    const part = partOf(await party.sweeps());
    while (next < faults.length && faults[next]!.at <= part) {
      const fault = faults[next++]!;
      if (!(await strike(party, fault))) continue;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      struck.push(`${seconds} s, ${Math.round(100 * part)} %: ${fault.kind}, ${fault.pauseMs} ms`);
    }
    await sleep(POLL_MS);
  }
  const { code, signal, stderr } = await party.outcome;
  assert.equal(code, 0, `the coordinator ended with ${signal ?? code}: ${stderr}`);
  return struck;
}

async function run(
  out: string,
  faults: readonly Fault[],
): Promise<{ digest: string; struck: string[]; seconds: number }> {
  const begun = performance.now();
  const party = await Party.begin({ args, out, workers: WORKERS });
  try {
    const struck = await weather(party, faults);
    const seconds = Math.round((performance.now() - begun) / 1000);
    return { digest: (await succeed(['digest', out])).trim(), struck, seconds };
  } finally {
    await party.end();
  }
}

/** Seeds as `7` or `1-20`. */
function seedsOf(text: string): number[] {
  const [first, last = first] = text.split('-').map(Number) as [number, number?];
  return Array.from({ length: last! - first + 1 }, (_, i) => first + i);
}

before(async () => {
  undisturbed = await run(folder.join('undisturbed'), []);
});
after(() => folder.remove());

for (const seed of seedsOf(process.env['BITGIBBS_CHAOS_SEEDS'] ?? '1-3')) {
  test(`faults of seed ${seed}`, async (t) => {
    const out = folder.join(`seed-${seed}`);
    try {
      const { digest, struck, seconds } = await run(out, faultsOf(seed, WORKERS));
      struck.forEach((line) => t.diagnostic(line));
      t.diagnostic(`${struck.length} faults in ${seconds} s; undisturbed: ${undisturbed.seconds} s`);
      assert.ok(struck.length >= LEAST_FAULTS, `only ${struck.length} faults struck`);
      assert.equal(digest, undisturbed.digest);
      const log = readFileSync(`${out}/run.log`, 'utf8');
      assert.ok(!/ dropped worker/.test(log), 'an honest worker was sent away');
    } catch (error) {
      const log = existsSync(`${out}/run.log`) ? readFileSync(`${out}/run.log`, 'utf8') : '';
      t.diagnostic(`log of the run:\n${log}`);
      throw new Error(`replay with: npm run chaos -- ${seed}\n${String(error)}`, { cause: error });
    }
  });
}
