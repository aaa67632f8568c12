/** `--warmup auto`: the warm-up is doubled until chains agree or the budget is spent; draws are those of its last length. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { openRun } from '../../src/store/read-run.js';
import { cli, scratchFolder, start, succeed } from './support/cli.js';

const scratch = scratchFolder('warmup-auto');
after(() => scratch.remove());

/** The toy on all its rows has two modes that no annealed chain leaves. */
const TWO_MODES = ['mnist56', '--chains', '8', '--draws', '150', '--shards', '1', '--kernel', 'wasm'];
const AUTO = ['--warmup', 'auto', '--max-warmup', '480'];
const FEW = ['mnist56', '--images', '400', '--draws', '150', '--kernel', 'wasm'];

const digestIn = (text: string): string => /^digest: +([0-9a-f]{64})$/m.exec(text)![1]!;

test('chains that disagree are begun anew up to the budget, also when killed between; the draws are those of that length', async () => {
  const plain = ['run', ...TWO_MODES, '--warmup', '480', '--out', scratch.join('plain')];
  const wanted = digestIn(await succeed(plain));
  const out = scratch.join('killed');
  const auto = ['run', ...TWO_MODES, ...AUTO, '--out', out];
  const running = start(auto);
  await running.said(/they disagree; begun anew with 240\n/);
  running.child.kill('SIGKILL');
  await running.ended;
  const text = await succeed([...auto, '--resume']);
  assert.equal(digestIn(text), wanted);
  const line =
    /^auto: +warm-up of 480 sweeps: R-hat of lp 1\.\d+ over the first 150 draws of 8 chains, above 1\.01: they disagree, and --max-warmup allows no more$/m;
  assert.match(text, line);
  assert.match(
    readFileSync(`${out}/run.log`, 'utf8'),
    /R-hat of lp 1\.\d+ .* they disagree; begun anew with 480/,
  );
  // A run that stands is judged again and stays.
  assert.equal(digestIn(await succeed([...auto, '--resume'])), wanted);
});

test('chains that agree go on', async () => {
  const out = scratch.join('agree');
  const text = await succeed(['run', ...FEW, '--warmup', 'auto', '--out', out]);
  assert.match(
    text,
    /^auto: +warm-up of 120 sweeps: R-hat of lp [01]\.\d+ over the first 120 draws .* they agree$/m,
  );
  const serial = await succeed(['serial', ...FEW, '--warmup', '120', '--out', scratch.join('serial')]);
  assert.equal(digestIn(text), digestIn(serial));
});

test('workers of a coordinator come back to the run that begins anew', async () => {
  const out = scratch.join('coordinator');
  const coordinator = start(['coordinator', ...TWO_MODES, ...AUTO, '--out', out, '--listen', '127.0.0.1:0']);
  const [, address] = await coordinator.said(/serving workers and clients at (\S+)/);
  const worker = start(['worker', '--coordinator', address!]);
  const [{ code, stdout, stderr }, ended] = await Promise.all([coordinator.ended, worker.ended]);
  assert.equal(code, 0, stderr);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(
    digestIn(stdout),
    digestIn(
      await succeed(['run', ...TWO_MODES, '--warmup', '480', '--resume', '--out', scratch.join('plain')]),
    ),
  );
  assert.equal((await openRun(out)).manifest.settings.warmupBetasQ.length, 480);
});

const refusals: [string, string[], RegExp][] = [
  [
    'run',
    ['--chains', '1', '--warmup', 'auto'],
    /--warmup auto needs --chains of at least 2 that can agree, got 1/,
  ],
  [
    'run',
    ['--draws', '9', '--warmup', 'auto'],
    /--warmup auto needs --draws of at least 10 to see chains agree, got 9/,
  ],
  ['run', ['--max-warmup', '500'], /--max-warmup needs --warmup auto/],
  ['serial', ['--warmup', 'auto'], /--warmup auto goes with run and coordinator: give a number of sweeps/],
  ['run', ['--warmup', 'auto', '--max-warmup', '60'], /'--max-warmup <sweeps>' argument '60' is invalid/],
];
for (const [command, flags, message] of refusals) {
  test(`${command} ${flags.join(' ')} is refused in one line`, async () => {
    const { code, stderr } = await cli([command, 'mnist56', ...flags, '--out', scratch.join('refused')]);
    assert.deepEqual([code, stderr.trim().split('\n').length], [2, 1], stderr);
    assert.match(stderr, message);
  });
}

test('a run with another warm-up is not gone on with', async () => {
  const out = scratch.join('other');
  const args = ['run', ...FEW, '--out', out];
  await succeed([...args, '--warmup', '100']);
  const { code, stderr } = await cli([...args, '--warmup', 'auto', '--resume']);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^bitgibbs: --warmup auto tries 120, 240, \.\. up to 1920 sweeps, but .* holds a run with 100: give --warmup 100\n$/,
  );
});
