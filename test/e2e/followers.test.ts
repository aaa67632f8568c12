/** Clients that follow a run, killed and resumed, while its coordinator is killed and resumed too. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpackWeights } from '../../src/posterior/weights.js';
import { DrawDigest } from '../../src/store/digest.js';
import { type RunningCli, scratchFolder, start, succeed } from './support/cli.js';

const folder = scratchFolder('followers');
after(() => folder.remove());

const sampling = [
  'mnist56',
  '--chains',
  '3',
  '--draws',
  '1000000',
  '--warmup',
  '3',
  '--thin',
  '2',
  '--seed',
  '5',
];
const KILLS = 4;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Resolves when a file has grown by so many bytes. */
async function grown(path: string, bytes: number): Promise<void> {
  const before = sizeOf(path);
  while (sizeOf(path) < before + bytes) await sleep(20);
}

async function kill({ child, ended }: RunningCli): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

interface Line {
  readonly features: number;
  readonly classes: number;
  readonly chains: number;
  readonly chain: number;
  readonly draw: number;
  readonly logLikQ: number;
  readonly w: string;
}

function digestOfLines(path: string): string {
  const [run, ...draws] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const { features, classes, chains } = run!;
  const digest = new DrawDigest({ features, classes, chains });
  for (const { chain, draw, logLikQ, w } of draws) {
    digest.add({ chain, draw, logLikQ, w: unpackWeights(Buffer.from(w, 'base64'), features * classes) });
  }
  return digest.hex();
}

test('followers that are killed and resumed, and one that is not, end with the draws of the run', async () => {
  const out = folder.join('run');
  const serve = (listen: string, ...more: string[]): RunningCli =>
    start(['coordinator', ...sampling, '--kernel', 'wasm', '--listen', listen, '--out', out, ...more], {
      seconds: 300,
    });
  let coordinator = serve('127.0.0.1:0');
  const address = (await coordinator.said(/serving workers and clients at (\S+)/))[1]!;
  const work = (): RunningCli => start(['worker', '--coordinator', address], { seconds: 300 });
  const workers = [work(), work()];
  const file = (name: string): string => folder.join(`${name}.ndjson`);
  const follow = (name: string): RunningCli =>
    start(['pull', '--coordinator', address, '--follow', '--resume', '--out', file(name)], { seconds: 300 });
  const steady = follow('steady');
  for (let kills = 0; kills < KILLS; kills++) {
    const killed = [follow('a'), follow('b')];
    await Promise.all([grown(file('a'), 1000 + 3001 * kills), grown(file('b'), 2000 + 1777 * kills)]);
    await Promise.all(killed.map(kill));
    if (kills !== 1) continue;
    await kill(coordinator);
    coordinator = serve(address, '--resume');
    await coordinator.said(/serving workers and clients at/);
  }
  const last = [follow('a'), follow('b')];
  await Promise.all([grown(file('a'), 1000), grown(file('steady'), 1000)]);
  await succeed(['stop', address, '--finish']);
  for (const { ended } of [coordinator, steady, ...last, ...workers]) {
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
  }
  const expected = (await succeed(['digest', out])).trim();
  for (const name of ['steady', 'a', 'b']) assert.equal(digestOfLines(file(name)), expected, name);
});
