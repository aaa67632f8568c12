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

/** Data and model of each setting. */
const settings: Record<string, string[]> = {
  'mnist, 3,000 images, K = 2': ['mnist', '--images', '3000', '--classes', '3,8'],
  'mnist, 3,000 images, K = 3': ['mnist', '--images', '3000', '--classes', '7,1,4', '--pi', '0.2'],
  'mnist, 3,000 images, K = 10': ['mnist', '--images', '3000'],
  'mnist56, K = 2': ['mnist56', '--pinned'],
  'mnist56, K = 3': ['mnist56', '--class-count', '3', '--pi', '0.3'],
  'mnist56, K = 10': ['mnist56', '--class-count', '10'],
};
const sampling = ['--chains', '3', '--warmup', '5', '--draws', '3', '--thin', '2', '--seed', '2024'];

interface Layout {
  readonly shards: number;
  readonly workers: number;
  readonly threads: number;
  readonly kernel: 'wasm' | 'tfjs';
}

/** All pairs of 1 to 4 shards and 1 to 4 workers with both kernels; 1 and 2 threads take turns. */
const layouts: Layout[] = [1, 2, 3, 4].flatMap((shards) =>
  [1, 2, 3, 4].flatMap((workers) =>
    (['wasm', 'tfjs'] as const).map((kernel, i) => ({
      ...{ shards, workers, kernel },
      threads: 1 + ((shards + workers + i) % 2),
    })),
  ),
);

let runs = 0;
async function digestOf(args: readonly string[]): Promise<string> {
  const out = folder.join(`run-${runs++}`);
  const summary = await succeed([...args, '--out', out]);
  const digest = (await succeed(['digest', out])).trim();
  assert.ok(summary.includes(`digest:  ${digest}\n`), 'the summary tells another digest');
  return digest;
}

function layoutFlags({ shards, workers, threads, kernel }: Layout): string[] {
  const numbers = ['--shards', `${shards}`, '--workers', `${workers}`, '--threads', `${threads}`];
  return [...numbers, '--kernel', kernel];
}

Object.entries(settings).forEach(([name, data], place) => {
  test(`${name}: the serial sampler gives the committed digest`, async () => {
    assert.equal(await digestOf(['serial', ...data, ...sampling, '--kernel', 'wasm']), golden[name]);
  });
  // Each layout is run with one of the settings, so that all of them fit into a few minutes.
  for (const layout of layouts.filter((_, i) => i % 6 === place)) {
    const flags = layoutFlags(layout);
    const check = async (): Promise<void> => {
      assert.equal(await digestOf(['run', ...data, ...sampling, ...flags]), golden[name]);
    };
    const title = `${name}: the same digest with ${flags.join(' ')}`;
    if (layout.kernel === 'tfjs') testNative(title, check);
    else test(title, check);
  }
});
