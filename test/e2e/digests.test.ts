/**
 * The draws don't depend on the layout: one digest for the serial sampler and for any number of shards, workers and
 * threads, with either kernel. The digests themselves are committed: see CHANGELOG.md when one has to change.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { testNative } from '../support/native.js';
import { scratchFolder, succeed } from './support/cli.js';

const GOLDEN = new URL('../../../test/golden/digests.json', import.meta.url);
const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Record<string, string>;

const folder = scratchFolder('digests');
after(() => folder.remove());

const pictures = [
  'mnist',
  '--images',
  '3000',
  '--chains',
  '2',
  '--warmup',
  '8',
  '--draws',
  '2',
  '--seed',
  '2024',
];
const toy = ['mnist56', '--chains', '3', '--warmup', '5', '--draws', '4', '--thin', '3', '--seed', '2024'];

/** Data, model and sampling of each setting. */
const settings: Record<string, string[]> = {
  'mnist, 3,000 images, K = 2': [...pictures, '--classes', '3,8'],
  'mnist, 3,000 images, K = 3': [...pictures, '--classes', '7,1,4', '--pi', '0.2'],
  'mnist, 3,000 images, K = 10': pictures,
  'mnist56, K = 2': [...toy, '--pinned'],
  'mnist56, K = 3': [...toy, '--class-count', '3', '--pi', '0.3'],
  'mnist56, K = 10': [...toy, '--class-count', '10'],
};

interface Layout {
  readonly shards: number;
  readonly workers: number;
  readonly threads: number;
  readonly kernel: 'wasm' | 'tfjs';
}

/** All pairs of 1 to 4 shards and 1 to 4 workers, like the squares of a board: black ones have 2 threads. */
const squares = Array.from({ length: 16 }, (_, i) => {
  const [row, column] = [i >> 2, i & 3];
  return { shards: 1 + row, workers: 1 + column, threads: 1 + ((row + column) % 2) };
});
/** The white squares, 1 and 2 threads in turn: processes with tfjs take long to start. */
const white = squares
  .filter(({ threads }) => threads === 1)
  .map((square, i) => ({ ...square, threads: 1 + (i % 2) }));

/** Each layout is run with one of the settings. */
const layouts = [
  ...squares.map((square, i) => ({ layout: { ...square, kernel: 'wasm' } as Layout, setting: i % 6 })),
  ...white.map((square, i) => ({ layout: { ...square, kernel: 'tfjs' } as Layout, setting: i % 6 })),
];

let runs = 0;
async function digestOf(args: readonly string[]): Promise<string> {
  const out = folder.join(`run-${runs++}`);
  const summary = await succeed([...args, '--out', out], { seconds: 170 });
  const digest = (await succeed(['digest', out])).trim();
  assert.ok(summary.includes(`digest:  ${digest}\n`), 'the summary tells another digest');
  return digest;
}

function layoutFlags({ shards, workers, threads, kernel }: Layout): string[] {
  const numbers = ['--shards', `${shards}`, '--workers', `${workers}`, '--threads', `${threads}`];
  return [...numbers, '--kernel', kernel];
}

Object.entries(settings).forEach(([name, args], place) => {
  const serial = async (kernel: string): Promise<void> => {
    assert.equal(await digestOf(['serial', ...args, '--kernel', kernel]), golden[name]);
  };
  test(`${name}: the serial sampler gives the committed digest`, () => serial('wasm'));
  testNative(`${name}: so it does with the tfjs kernel`, () => serial('tfjs'));
  for (const { layout } of layouts.filter(({ setting }) => setting === place)) {
    const flags = layoutFlags(layout);
    const check = async (): Promise<void> => {
      assert.equal(await digestOf(['run', ...args, ...flags]), golden[name]);
    };
    const title = `${name}: the same digest with ${flags.join(' ')}`;
    if (layout.kernel === 'tfjs') testNative(title, check);
    else test(title, check);
  }
});
