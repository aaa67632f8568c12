/** `bitgibbs plan`, and what `--shards auto` chooses. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { cli, scratchFolder, succeed } from './support/cli.js';

const scratch = scratchFolder('plan');
after(() => scratch.remove());

interface PlanJson {
  readonly summary: { readonly shards: { rows: number; privateFlips: number }[]; readonly balance: number };
  readonly forecast: { readonly rounds: number; readonly work: number };
  readonly share: { readonly shard: number; readonly slot: number };
  readonly neededBytes: number;
  readonly simulated?: { workers: number; sweepsPerSecond: number; efficiency: number }[];
}

async function planJson(...args: string[]): Promise<PlanJson> {
  return JSON.parse(await succeed(['plan', ...args, '--json'])) as PlanJson;
}

test('a plan of full MNIST tells private moves, balance, rounds and memory, and starts nothing', async () => {
  const text = await succeed(['plan', 'mnist', '--shards', '4', '--workers', '4', '--chains', '8']);
  assert.match(
    text,
    /^mnist: 60,000 rows, 784 features, 10 classes; 4 shards, 4 workers of 1 thread, 8 chains/,
  );
  assert.match(text, /largest shard: 1\.0\d\d of the mean/);
  assert.match(
    text,
    /expected a sweep: \d+ rounds, \d+ wrong guesses, 1\.\d\d sweeps of work, with 4 chains/,
  );
  const plan = await planJson('mnist', '--shards', '4', '--workers', '4', '--chains', '8');
  assert.equal(
    plan.summary.shards.reduce((sum, { rows }) => sum + rows, 0),
    60_000,
  );
  assert(plan.summary.shards[0]!.privateFlips > 2000 && plan.summary.balance < 1.01);
  assert(plan.forecast.rounds > 100 && plan.forecast.rounds < 900);
  assert.equal(plan.neededBytes, plan.share.shard + 8 * plan.share.slot);
});

test('the scale model is played on the workers asked for, and gives the same figures each time', async () => {
  const args = ['mnist56', '--shards', '2', '--chains', '6', '--simulate', '2,8', '--sweep-ms', '20'];
  const [one, two] = [await planJson(...args), await planJson(...args)];
  assert.deepEqual(one, two);
  assert.deepEqual(
    one.simulated!.map(({ workers }) => workers),
    [2, 8],
  );
  for (const { efficiency } of one.simulated!) assert(efficiency > 0 && efficiency < 1);
  const slow = await planJson(...args, '--latency-ms', '50');
  assert(slow.simulated![0]!.sweepsPerSecond < one.simulated![0]!.sweepsPerSecond / 2);
});

test('a worker too small for its shard is warned of', async () => {
  const text = await succeed(['plan', 'mnist', '--images', '5000', '--shards', '2', '--memory', '0.001']);
  assert.match(text, /warning: a worker of 1\.1 MB can't hold its shard; take more shards/);
});

test('auto does not spread chains that fill the threads, and spreads data that fit no worker', async () => {
  const text = await succeed(['plan', 'mnist56', '--shards', 'auto', '--chains', '4']);
  assert.match(text, /^1 shard: 4 chains can fill 2 threads/m);
  const small = ['mnist', '--images', '5000', '--shards', 'auto', '--chains', '4', '--memory', '0.0045'];
  assert.match(await succeed(['plan', ...small]), /^2 shards: the data fit 2 workers, not fewer/m);
  const { code, stderr } = await cli(['plan', ...small.slice(0, -1), '0.0001']);
  assert.deepEqual(
    [code, stderr],
    [2, 'bitgibbs: the workers together have too little memory for the data\n'],
  );
});

test('a run with --shards auto says in its log what it chose, and draws what it always does', async () => {
  const run = (shards: string): string[] => {
    const flags = ['--shards', shards, '--chains', '2', '--warmup', '5', '--draws', '4', '--kernel', 'wasm'];
    return ['run', 'mnist56', '--images', '300', ...flags, '--out', scratch.join(shards)];
  };
  await succeed(run('auto'));
  await succeed(run('2'));
  assert.match(
    readFileSync(scratch.join('auto', 'run.log'), 'utf8'),
    /shards: 1, for 2 chains can fill 2 threads/,
  );
  assert.equal(await succeed(['digest', scratch.join('auto')]), await succeed(['digest', scratch.join('2')]));
});
