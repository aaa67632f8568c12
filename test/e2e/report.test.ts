/** The report of real runs, in a real browser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { uniforms } from '../support/tiny-models.js';
import {
  checkFigures,
  COMMON_FIGURES as COMMON,
  noBrowser as skip,
  openPage,
  PREDICTED_FIGURES as PREDICTED,
  startBrowser,
} from './support/browser.js';
import { cli, scratchFolder, succeed } from './support/cli.js';

const scratch = scratchFolder('report');
after(() => scratch.remove());

describe('report', { skip }, () => {
  let browser: Browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser.close());

  async function check(file: string, titles: readonly string[]): Promise<void> {
    for (const [width, scheme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      const url = pathToFileURL(file).href;
      const { page, complaints, requests } = await openPage(browser, url, width, scheme);
      await checkFigures(page, titles);
      await page.close();
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        requests.filter((address) => !address.startsWith('data:')),
        [url],
      );
    }
  }

  test('of the toy', async () => {
    const [run, page] = [scratch.join('toy'), scratch.join('toy.html')];
    const size = ['--chains', '4', '--draws', '60', '--warmup', '30', '--save-warmup', '--kernel', 'wasm'];
    await succeed(['serial', 'mnist56', ...size, '--out', run]);
    await succeed(['report', run, '--out', page]);
    await check(page, [...COMMON, ...PREDICTED]);
    const again = await cli(['report', run, '--out', page]);
    assert.equal(again.code, 1);
    assert.match(
      again.stderr,
      /^bitgibbs: .*toy\.html is there already: choose another --out, or add --force[^\n]*\n$/,
    );
  });

  test('of all of MNIST', async () => {
    const [run, page] = [scratch.join('mnist'), scratch.join('mnist.html')];
    const size = ['--chains', '2', '--draws', '6', '--warmup', '8', '--kernel', 'wasm'];
    await succeed(['serial', 'mnist', ...size, '--out', run], { seconds: 240 });
    await succeed(['report', run, '--out', page]);
    await check(page, [...COMMON, ...PREDICTED]);
    const mean = readFileSync(page, 'utf8').split('Posterior mean of the weights')[1]!.split('</figure>')[0]!;
    assert.equal(mean.match(/<img /g)?.length, 10);
  });

  test('of a plain table, with and without held-out rows', async () => {
    const [run, page] = [scratch.join('table'), scratch.join('table.html')];
    const next = uniforms(3);
    const line = (): string => Array.from({ length: 13 }, () => (next() < 0.4 ? 1 : 0)).join(',');
    const table = (name: string, rows: number): string => {
      writeFileSync(scratch.join(name), Array.from({ length: rows }, () => `${line()}\n`).join(''));
      return scratch.join(name);
    };
    const size = ['--chains', '3', '--draws', '80', '--warmup', '10', '--kernel', 'wasm'];
    await succeed(['serial', table('train.csv', 60), '--pinned', ...size, '--out', run]);
    await succeed(['report', run, '--out', page]);
    await check(page, COMMON);
    await succeed(['report', run, '--out', page, '--force', '--test', table('held-out.csv', 50)]);
    await check(page, [...COMMON, ...PREDICTED]);
  });
});
