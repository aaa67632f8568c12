/** A run of the command line that ends in every way it can, and goes on each time with another layout. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadTensorFlow } from '../../src/kernel/tfjs/load.js';
import { openRun } from '../../src/store/read-run.js';
import type { StoredDraw } from '../../src/store/store.js';
import { cli, scratchFolder, start, succeed, type Outcome, type RunningCli } from '../e2e/support/cli.js';

const folder = scratchFolder('resume');
after(() => folder.remove());

const data = ['mnist', '--images', '1500', '--classes', '3,8'];
const PLAN = { chains: 4, warmup: 150, thin: 4, seed: 77 };
const DRAWS = 20;

/** All warm-up draws that are stored, with all that is told of them. */
async function warmupOf(out: string): Promise<StoredDraw[]> {
  const draws: StoredDraw[] = [];
  for await (const draw of (await openRun(out)).warmup!.read(0, Infinity)) draws.push(draw);
  return draws;
}

/** Flags of the plan, some of them otherwise. */
function plan(changes: Record<string, number> = {}): string[] {
  const all = { ...PLAN, draws: DRAWS, ...changes };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

async function digest(out: string): Promise<string> {
  return (await succeed(['digest', out])).trim();
}

/** The folder of a serial run of so many draws. */
async function serialRun(draws: number, ...flags: string[]): Promise<string> {
  const out = folder.join(`serial-${draws}`);
  await succeed(['serial', ...data, ...plan({ draws }), '--kernel', 'wasm', '--out', out, ...flags]);
  return out;
}

/** Where the latest process of a run shows its metrics. */
function metricsOf(out: string): string | undefined {
  const path = `${out}/run.log`;
  if (!existsSync(path)) return undefined;
  return [...readFileSync(path, 'utf8').matchAll(/metrics at (\S+)/g)].at(-1)?.[1];
}

/** Audited sweeps of each chain; none where nothing answers. */
async function sweepsOf(metrics: string | undefined): Promise<number[]> {
  try {
    const text = await (await fetch(metrics!)).text();
    return [...text.matchAll(/^bitgibbs_chain_sweeps\{.*\} (\d+)$/gm)].map(([, sweeps]) => Number(sweeps));
  } catch {
    return [];
  }
}

/** Whether every chain has done more sweeps than this. */
function far(least: number): (sweeps: readonly number[]) => boolean {
  return (sweeps) => sweeps.length > 0 && sweeps.every((count) => count > least);
}

/** Sends a signal once the run has come so far. */
async function interrupt(
  { child, ended }: RunningCli,
  signal: NodeJS.Signals,
  out: string,
  isFar: (sweeps: readonly number[]) => boolean,
): Promise<Outcome> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && !isFar(await sweepsOf(metricsOf(out)))) await sleep(20);
  assert.ok(child.kill(signal), 'the run was over too early for this test');
  return ended;
}

/** Stopped kindly: an exit code for the signal, and a command to go on with. */
function checkStopped({ code, stdout }: Outcome, exitCode: number): void {
  assert.equal(code, exitCode);
  assert.match(stdout, /^stopped after /);
  assert.match(stdout, /^go on: {3}npx bitgibbs .* --resume$/m);
}

test('a run goes on from whatever stopped it, laid out otherwise each time, and can be made longer', async () => {
  const out = folder.join('run');
  const common = [...data, ...plan(), '--save-warmup', '--out', out, '--metrics-port', '0'];

  let running = start(['run', ...common, '--workers', '2', '--shards', '2', '--kernel', 'wasm']);
  checkStopped(await interrupt(running, 'SIGINT', out, far(10)), 130);

  running = start(['run', ...common, '--resume', '--workers', '1', '--threads', '2', '--shards', '1']);
  assert.equal((await interrupt(running, 'SIGKILL', out, far(60))).signal, 'SIGKILL');

  running = start(['run', ...common, '--resume', '--workers', '3', '--shards', '3', '--kernel', 'wasm']);
  checkStopped(await interrupt(running, 'SIGTERM', out, far(PLAN.warmup + 8)), 143);

  running = start(['coordinator', ...common, '--resume', '--shards', '4', '--listen', '127.0.0.1:0']);
  const address = (await running.said(/serving workers and clients at (\S+)/))[1]!;
  const workers = [1, 2].map(() => start(['worker', '--coordinator', address]));
  checkStopped(await interrupt(running, 'SIGTERM', out, far(PLAN.warmup + 24)), 143);
  for (const worker of workers) {
    await worker.said(/lost the coordinator/);
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0);
  }

  const kernel = loadTensorFlow().tf ? 'tfjs' : 'wasm';
  const summary = await succeed(['run', ...common, '--resume', '--workers', '1', '--kernel', kernel]);
  assert.match(summary, /^finished after .*: 20 of 20 draws a chain/);
  assert.equal(await digest(out), await digest(await serialRun(DRAWS)));

  const grown = [...plan({ draws: 24 }), '--save-warmup'];
  const longer = ['run', ...data, ...grown, '--out', out, '--resume', '--workers', '1'];
  assert.match(await succeed(longer), /^finished after .*: 24 of 24 draws a chain/);
  const serial = await serialRun(24, '--save-warmup');
  assert.equal(await digest(out), await digest(serial));
  const warmup = await warmupOf(out);
  assert.equal(warmup.length, PLAN.chains * Math.floor(PLAN.warmup / PLAN.thin));
  assert.deepEqual(warmup, await warmupOf(serial));
});

test('a resumed run begins where it was left, in the warm-up too', async () => {
  const out = folder.join('warm');
  const common = [...data, ...plan(), '--out', out, '--metrics-port', '0', '--kernel', 'wasm'];
  await interrupt(start(['run', ...common]), 'SIGINT', out, far(30));
  // Nobody works for it: what it has is what was stored.
  const waiting = start(['coordinator', ...common, '--resume', '--listen', '127.0.0.1:0']);
  const sweeps = await sweepsOf((await waiting.said(/metrics at (\S+)/))[1]);
  waiting.child.kill('SIGTERM');
  await waiting.ended;
  assert.equal(sweeps.length, PLAN.chains);
  assert.ok(
    sweeps.every((count) => count > 30),
    `resumed at ${sweeps.join(', ')}`,
  );
});

test('what a run began with can not change, and the message says what would', async () => {
  const out = folder.join('fixed');
  const toy = ['mnist56', '--images', '60', '--chains', '2', '--warmup', '3', '--draws', '4', '--thin', '2'];
  await succeed(['serial', ...toy, '--out', out]);
  const changes: [string, string, RegExp][] = [
    ['--seed', '2', /its seed is 1, not 2$/],
    ['--chains', '3', /its chains is 2, not 3$/],
    ['--thin', '1', /its thin is 2, not 1$/],
    [
      '--warmup',
      '4',
      /its warm-up \(sweeps or inverse temperatures\) is 3 sweeps from beta .*, not 4 sweeps/,
    ],
    [
      '--beta-start',
      '.5',
      /its warm-up \(sweeps or inverse temperatures\) is .* beta 0\.1200, not .* beta 0\.5000$/,
    ],
    ['--pi', '.25', /its prior \(SHA-256 of the log-odds\) is /],
    ['--images', '61', /its data set \(SHA-256 of the rows\) is /],
    ['--class-count', '3', /its classes is 2, not 3$/],
    ['--draws', '3', /its draws are 4 and may grow, not shrink to 3$/],
  ];
  for (const [flag, value, message] of changes) {
    const { code, stderr } = await cli(['run', ...toy, flag, value, '--out', out, '--resume']);
    assert.match(stderr.trim(), message, flag);
    assert.match(stderr, /^bitgibbs: cannot go on with the run in [^\n]*\n$/, flag);
    assert.equal(code, 1, flag);
  }
  const { code, stderr } = await cli(['serial', ...toy, '--out', out, '--resume']);
  assert.deepEqual(
    [code, stderr],
    [2, 'bitgibbs: serial only begins runs: go on with run --resume, which gives the same draws\n'],
  );
});
