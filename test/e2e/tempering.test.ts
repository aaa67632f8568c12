/** Parallel tempering from the command line: the same draws in any layout, and after any end. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRun } from '../../src/store/read-run.js';
import { cli, scratchFolder, start, succeed } from './support/cli.js';

const scratch = scratchFolder('tempering');
after(() => scratch.remove());
const TOY = ['mnist56', '--images', '300', '--chains', '2', '--warmup', '60'];
const TEMPER = ['--temper', '4', '--exchange-every', '2', '--draws', '20', '--thin', '2'];

async function digestOf(name: string, ...args: string[]): Promise<string> {
  const out = scratch.join(name);
  await succeed([...args, '--out', out]);
  return succeed(['digest', out]);
}

test('draws are the serial sampler’s for shards, workers, threads and kernels, and after a stop', async () => {
  const wanted = await digestOf('serial', 'serial', ...TOY, ...TEMPER);
  const layouts = [
    ['--shards', '1', '--workers', '2', '--threads', '2', '--kernel', 'wasm'],
    ['--shards', '2', '--workers', '3', '--kernel', 'wasm'],
    ['--shards', '2', '--workers', '2', '--kernel', 'tfjs'],
  ];
  for (const [i, layout] of layouts.entries()) {
    assert.equal(
      await digestOf(`layout-${i}`, 'run', ...TOY, ...TEMPER, ...layout),
      wanted,
      layout.join(' '),
    );
  }
  const shorter = TEMPER.map((word) => (word === '20' ? '7' : word));
  assert.notEqual(await digestOf('extended', 'run', ...TOY, ...shorter, '--kernel', 'wasm'), wanted);
  const out = scratch.join('extended');
  await succeed(['run', ...TOY, ...TEMPER, '--shards', '1', '--kernel', 'wasm', '--out', out, '--resume']);
  assert.equal(await succeed(['digest', out]), wanted);
});

test('nothing is lost when the run is killed at any moment', async () => {
  const out = scratch.join('killed');
  const args = ['run', ...TOY, ...TEMPER, '--kernel', 'wasm', '--out', out];
  // Before its manifest is there, a run can only begin.
  const begun = (): boolean => existsSync(join(out, 'bitgibbs.json'));
  for (const seconds of [2.5, 4, 1.5]) {
    const running = start([...args, ...(begun() ? ['--resume'] : [])]);
    await Promise.race([running.ended, sleep(1000 * seconds)]);
    running.child.kill('SIGKILL');
    await running.ended;
  }
  await succeed(begun() ? [...args, '--resume'] : args);
  assert.equal(await succeed(['digest', out]), await succeed(['digest', scratch.join('serial')]));
});

test('a draw is stored with the ladder of its chain', async () => {
  const reader = await openRun(scratch.join('extended'));
  const serial = await openRun(scratch.join('serial'));
  const ladders = async (run: typeof reader): Promise<unknown[]> => {
    const all = [];
    for await (const { ladder } of run.read(0, run.horizon)) all.push(ladder);
    return all;
  };
  const found = await ladders(reader);
  assert.equal(found.length, 40);
  assert.deepEqual(found, await ladders(serial));
});

test('auto chooses replicas, and the same ones again when the run goes on', async () => {
  const out = scratch.join('auto');
  const auto = ['run', ...TOY, '--temper', '--draws', '2', '--kernel', 'wasm', '--out', out];
  await succeed(auto);
  const { tempering } = (await openRun(out)).manifest.settings;
  assert(tempering && tempering.replicas > 4 && tempering.replicas < 30, `${tempering?.replicas} replicas`);
  await succeed([...auto.map((word) => (word === '2' ? '3' : word)), '--resume', '--chains', '2']);
});

const refusals: [string[], RegExp][] = [
  [
    ['--temper', '1'],
    /--temper \[replicas\]' argument '1' is invalid\. It must be a whole number, from 2 to 1024, or auto/,
  ],
  [['--beta-min', '0.1'], /^bitgibbs: --beta-min needs --temper$/m],
  [
    ['--temper', '4', '--beta-min', '1'],
    /--beta-min <B>' argument '1' is invalid\. It must be a number from 0 to below 1/,
  ],
  [['--temper', '900', '--beta-min', '0.99'], /^bitgibbs: beta min must be .*900 rungs below 1/m],
];
for (const [flags, message] of refusals) {
  test(`${flags.join(' ')} is refused in one line`, async () => {
    const { code, stderr } = await cli(['serial', ...TOY, ...flags, '--out', scratch.join('none')]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

test('a run goes on with its tempering or not at all', async () => {
  const out = scratch.join('serial');
  const { code, stderr } = await cli([
    'run',
    ...TOY,
    '--draws',
    '20',
    '--thin',
    '2',
    '--out',
    out,
    '--resume',
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /its warm-up .* is|its tempering is 4 replicas from beta 0\.0000, .* not none/);
});
