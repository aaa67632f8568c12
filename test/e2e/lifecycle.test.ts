/** Processes come and go: stops, kills, and the commands for more than one machine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { after, test } from 'node:test';
import { isAlive, scratchFolder, start, succeed, type RunningCli } from './support/cli.js';

const folder = scratchFolder('lifecycle');
after(() => folder.remove());

const data = ['mnist56', '--images', '2000'];
const sampling = ['--chains', '2', '--warmup', '10', '--draws', '150', '--seed', '5'];
const out = (name: string): string => folder.join(name);

let oracle: Promise<string> | undefined;

/** Digest of the serial sampler's draws, which are made once. */
function expected(): Promise<string> {
  oracle ??= succeed(['serial', ...data, ...sampling, '--out', out('serial')]).then(() => digest('serial'));
  return oracle;
}

async function digest(name: string): Promise<string> {
  return (await succeed(['digest', out(name)])).trim();
}

/** Waits until the log of a run matches; the match. */
async function logged(name: string, pattern: RegExp, { ended }: RunningCli): Promise<RegExpExecArray> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const isLast = over;
    let text = '';
    try {
      text = readFileSync(folder.join(name, 'run.log'), 'utf8');
    } catch {
      // The run has not begun yet.
    }
    const match = pattern.exec(text);
    if (match) return match;
    if (isLast) throw new Error(`never logged ${pattern}: ${text}`);
    await pause(20);
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await pause(50);
}

test('an interrupted run stores what it has, tells how to go on, and goes on to the same draws', async () => {
  const args = ['run', ...data, ...sampling, '--kernel', 'wasm', '--out', out('stopped')];
  const running = start(args);
  await logged('stopped', /joined run[^]*joined run/, running);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  assert.equal(code, 130);
  assert.match(stdout, /^stopped after .* of 150 draws a chain/);
  assert.match(stdout, /^go on: {3}npx bitgibbs run mnist56 .* --resume$/m);
  const summary = await succeed([...args, '--resume']);
  assert.match(summary, /^finished after .* 150 of 150 draws a chain/);
  assert.equal(await digest('stopped'), await expected());
});

test('workers end when the process that started them is killed, and the run goes on to the same draws', async () => {
  const args = ['run', ...data, ...sampling, '--kernel', 'wasm', '--out', out('killed')];
  const running = start(args);
  const pids: number[] = [];
  for (const worker of [0, 1]) {
    pids.push(Number((await logged('killed', new RegExp(`worker ${worker} is process (\\d+)`), running))[1]));
  }
  await logged('killed', /joined run[^]*joined run/, running);
  running.child.kill('SIGKILL');
  await running.ended;
  await untilGone(pids);
  await succeed([...args, '--resume']);
  assert.equal(await digest('killed'), await expected());
});

test('a worker that is killed is started again, and the draws are the same', async () => {
  const running = start(['run', ...data, ...sampling, '--kernel', 'wasm', '--out', out('worker')]);
  const [, pid] = await logged('worker', /worker 1 is process (\d+)/, running);
  await logged('worker', /worker 1: joined run/, running);
  process.kill(Number(pid), 'SIGKILL');
  await logged('worker', /worker 1 was killed by SIGKILL: starting it again/, running);
  const { code, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
  assert.equal(await digest('worker'), await expected());
});

test('when no worker can run the kernel, the run ends with the reason', async () => {
  const args = ['run', ...data, ...sampling, '--kernel', 'tfjs', '--out', out('none')];
  const { code, stderr } = await start(args, { env: { BITGIBBS_NO_TFJS: '1' } }).ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^bitgibbs: worker \d could not begin: .*kernel tfjs.*; go on with: npx bitgibbs run mnist56/m,
  );
});

test('coordinator, workers and a reader of draws as commands of their own', async () => {
  const layout = ['--listen', '127.0.0.1:0', '--metrics-port', '0', '--shards', '2', '--kernel', 'wasm'];
  const coordinator = start(['coordinator', ...data, ...sampling, ...layout, '--out', out('apart')]);
  const address = (await coordinator.said(/serving workers and clients at (\S+)/))[1]!;
  const metrics = (await coordinator.said(/metrics at (\S+)/))[1]!;
  const pull = start(['pull', '--coordinator', address, '--follow', '--out', out('draws.ndjson')]);
  const workers = [1, 2].map(() => start(['worker', '--coordinator', address]));
  await workers[0]!.said(/joined run/);
  assert.match(await (await fetch(metrics)).text(), /^bitgibbs_workers\{state="working"\} \d$/m);
  for (const { ended } of [coordinator, pull, ...workers]) {
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
  }
  assert.equal(await digest('apart'), await expected());
  const [run, ...draws] = readFileSync(out('draws.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(run.classes, 2);
  assert.deepEqual(
    draws.map(({ chain, draw }) => [chain, draw]),
    Array.from({ length: 300 }, (_, i) => [i % 2, Math.floor(i / 2)]),
  );
  assert.ok(draws.every(({ w }) => Buffer.from(w, 'base64').length === 7));
});
