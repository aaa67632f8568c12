/** The report of real runs, in a real browser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { uniforms } from '../support/tiny-models.js';
import { cli, scratchFolder, succeed } from './support/cli.js';

const executablePath = process.env['BITGIBBS_TEST_CHROMIUM'];
const skip = executablePath ? false : 'no Chromium';
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const scratch = scratchFolder('report');
after(() => scratch.remove());

interface Seen {
  /** Title of each figure, and how many visible marks it has. */
  readonly figures: readonly (readonly [title: string, marks: number])[];
  /** CSS pixels that the page is wider than the window. */
  readonly overflow: number;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** Looks at the page: what it draws, and what it asks the world for. */
async function look(
  browser: Browser,
  file: string,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<Seen> {
  const page: Page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  const found = (await page.evaluate(`(() => {
    const isSeen = (mark) => {
      const { width, height } = mark.getBoundingClientRect();
      return width + height > 1;
    };
    const marks = 'svg [aria-label] :is(path, rect, circle, line), img';
    const count = (figure) => [...figure.querySelectorAll(marks)].filter(isSeen).length;
    const figures = [...document.querySelectorAll('figure')];
    const broken = [...document.images].filter((image) => image.naturalWidth === 0).length;
    return {
      figures: figures.map((figure) => [figure.querySelector('h3').textContent, count(figure)]),
      overflow: document.documentElement.scrollWidth - innerWidth,
      broken,
    };
  })()`)) as Pick<Seen, 'figures' | 'overflow'> & { readonly broken: number };
  assert.equal(found.broken, 0, 'broken pictures');
  await page.close();
  return { ...found, complaints, requests };
}

const COMMON = [
  ...['Traces of the log posterior', 'Ranks of the log posterior', 'Autocorrelation of the log posterior'],
  ...['Classes of weights', 'R-hat of the weights', 'Effective sizes of the weights', 'Time to flip'],
  ...['Posterior mean of the weights', 'Uncertainty of the weights', 'Differences between chains'],
];
const PREDICTED = [
  ...['Calibration on the test set', 'Confidence on the test set', 'Right by class'],
  ...['Most certain', 'Least certain', 'Most certain mistakes'],
];

describe('report', { skip }, () => {
  let browser: Browser;
  before(async () => (browser = await chromium.launch({ executablePath, args: FLAGS })));
  after(() => browser.close());

  async function check(file: string, titles: readonly string[]): Promise<void> {
    for (const [width, scheme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      const { figures, overflow, complaints, requests } = await look(browser, file, width, scheme);
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        requests.filter((url) => !url.startsWith('data:')),
        [pathToFileURL(file).href],
      );
      assert.equal(overflow, 0, `${width} pixels are too few`);
      assert.deepEqual(
        figures.map(([title]) => title),
        titles,
      );
      for (const [title, marks] of figures) assert.ok(marks >= 1, `${title} has no marks at ${width} pixels`);
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
