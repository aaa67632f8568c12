/** The commands that ask a coordinator. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test, { after } from 'node:test';
import { cli, type RunningCli, scratchFolder, start, succeed } from './support/cli.js';

const folder = scratchFolder('served');
after(() => folder.remove());

const sampling = [
  'mnist56',
  '--chains',
  '2',
  '--warmup',
  '3',
  '--thin',
  '2',
  '--seed',
  '5',
  '--kernel',
  'wasm',
  '--temper',
  '3',
];
const out = folder.join('run');

/** A coordinator without workers that goes on with a run: its draws stay as they are. */
async function serving(): Promise<{ coordinator: RunningCli; address: string }> {
  await succeed(['run', ...sampling, '--draws', '60', '--workers', '1', '--shards', '1', '--out', out]);
  const resumed = ['--draws', '90', '--resume', '--out', out, '--listen', '127.0.0.1:0'];
  const coordinator = start(['coordinator', ...sampling, ...resumed], { seconds: 200 });
  return { coordinator, address: (await coordinator.said(/serving workers and clients at (\S+)/))[1]! };
}

test('status, summary, watch, extend and stop, at the address of a coordinator', async () => {
  const { coordinator, address } = await serving();
  const json = async (...args: string[]) => JSON.parse(await succeed([...args, '--json']));
  const { phase, drawsStored, drawsWanted, totalSweeps } = await json('status', address);
  assert.deepEqual([phase, drawsStored, drawsWanted, totalSweeps], ['waiting', 60, 90, 183]);
  const screen = await succeed(['status', address]);
  assert.match(screen, /^mnist56: 1,778 rows.*\nwaiting for .* draws 60 of 90\n[^]*no workers/);

  const served = await json('summary', address);
  const { run, ...same } = await json('summary', out);
  assert.deepEqual({ ...served, run: 0 }, { ...same, run: 0 });
  assert.equal(served.run.draws, run.draws);
  assert.equal(served.ladder.beta.length, 3);
  assert.equal(served.lp_autocorrelation[0], 1);
  assert.ok(Math.abs(served.lp_ess_per_sweep * 60 * 2 * 2 - served.table.lp.ess_bulk) < 1e-9);
  assert.match(await succeed(['summary', address, '--weights', '12:5']), /^w\[12, 5\] /m);
  const wrong = await cli(['summary', address, '--weights', '25:5']);
  assert.deepEqual([wrong.code, wrong.stderr.split('\n').length], [1, 2]);
  assert.match(wrong.stderr, /^bitgibbs: there is no free weight 25:5/);

  const watch = start(['watch', address]);
  await succeed(['extend', address, '--draws', '95']);
  const refused = await cli(['extend', address, '--draws', '95']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^bitgibbs: .* draws must be more than 95, .*, got 95\n$/);
  await succeed(['stop', address]);
  const { stdout, code } = await watch.ended;
  assert.equal(code, 0);
  for (const line of [
    /draws 60 of 9[05]/,
    /the run is to have 95 draws a chain \(60 draws\)/,
    /the run is stopped/,
  ]) {
    assert.match(stdout, line);
  }
  // Its summary names the command that goes on: with the draws as they were raised.
  assert.match((await coordinator.ended).stdout, /--draws 95 --resume/);
});

test('a finished run that stays: its draws are served until a signal, after a restart too', async () => {
  const stayed = folder.join('stayed');
  const flags = ['--chains', '2', '--warmup', '3', '--draws', '40', '--seed', '5', '--kernel', 'wasm'];
  const command = ['coordinator', 'mnist56', ...flags, '--stay', '--out', stayed, '--listen', '127.0.0.1:0'];
  const digests: string[] = [];
  for (const more of [[], ['--resume']]) {
    const coordinator = start([...command, ...more], { seconds: 200 });
    const address = (await coordinator.said(/serving workers and clients at (\S+)/))[1]!;
    if (more.length === 0) await succeed(['worker', '--coordinator', address]);
    await coordinator.said(/the run is finished: its draws are served/);
    const pulled = await succeed(['pull', '--coordinator', address]);
    assert.equal(pulled.trim().split('\n').length, 1 + 2 * 40);
    assert.equal(JSON.parse(await succeed(['status', address, '--json'])).phase, 'finished');
    const refused = await cli(['extend', address, '--draws', '50']);
    assert.match(refused.stderr, /^bitgibbs: .*resume it with more draws\n$/);
    coordinator.child.kill('SIGTERM');
    const { code, stdout } = await coordinator.ended;
    assert.equal(code, 0);
    digests.push(/^digest: +(\S+)$/m.exec(stdout)![1]!);
  }
  assert.equal(digests[0], digests[1]);
});

test('an address where nobody answers', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  for (const command of ['status', 'summary', 'watch', 'stop']) {
    const { code, stderr } = await cli([command, `127.0.0.1:${port}`]);
    assert.equal(code, 1);
    assert.match(stderr, /^bitgibbs: no coordinator answers at 127\.0\.0\.1:\d+ \(waited 5 s\)[^\n]*\n$/);
  }
});
