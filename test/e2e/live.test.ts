/** The live page of a real run, in a real browser, from before its first worker to its end. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import {
  checkFigures,
  COMMON_FIGURES,
  noBrowser,
  openPage,
  PREDICTED_FIGURES,
  startBrowser,
  type WatchedPage,
} from './support/browser.js';
import { scratchFolder, start, succeed } from './support/cli.js';

const TITLES = [...COMMON_FIGURES, ...PREDICTED_FIGURES];
// Figures give way to everything else: on a machine with much to do they take their time.
const PATIENCE = { timeout: 180_000 };
const scratch = scratchFolder('live');
after(() => scratch.remove());

/** Waits until the page says so of the run. */
async function says(page: Page, text: RegExp): Promise<void> {
  await page.locator('#status', { hasText: text }).waitFor(PATIENCE);
}

/** Waits for figures of so many draws or more; how many they are of. */
async function shows(page: Page, draws: number): Promise<number> {
  for (const end = performance.now() + PATIENCE.timeout; performance.now() < end; await sleep(100)) {
    const shown = Number(await page.locator('#figures').getAttribute('data-draws'));
    if (shown >= draws) return shown;
  }
  throw new Error(`the page never showed figures of ${draws} draws`);
}

const figuresOf = (page: Page): Promise<string[]> =>
  page.locator('figure').evaluateAll((figures) => figures.map(({ outerHTML }) => outerHTML));

describe('live page', { skip: noBrowser }, () => {
  let browser: Browser;
  before(async () => (browser = await startBrowser()));
  after(() => browser.close());

  test('tells of a run from its first moment, updates by itself, and ends with the figures of the report', async (t) => {
    const run = scratch.join('run');
    const size = ['--chains', '3', '--warmup', '4000', '--draws', '1000000', '--thin', '20', '--shards', '1'];
    const layout = [
      '--listen',
      '127.0.0.1:0',
      '--metrics-port',
      '0',
      '--kernel',
      'wasm',
      '--out',
      run,
      '--grace',
      '240',
    ];
    const coordinator = start(['coordinator', 'mnist56', ...size, ...layout], { seconds: 600 });
    t.after(() => coordinator.child.kill('SIGKILL'));
    const address = (await coordinator.said(/clients at (\S+)/))[1]!;
    const url = (await coordinator.said(/live page at (\S+)/))[1]!;
    const wide = await openPage(browser, url, 1280, 'light');
    await says(wide.page, /waiting.*No worker is here yet/);
    await wide.page.locator('#news', { hasText: 'Figures come with the first draws' }).waitFor(PATIENCE);

    const worker = start(['worker', '--coordinator', address, '--kernel', 'wasm'], { seconds: 600 });
    t.after(() => worker.child.kill('SIGKILL'));
    await says(wide.page, /of 4,000 warm-up sweeps.*chain\s*sweeps\s*beta/s);
    await says(wide.page, /sampling.*of 1,000,000 draws a chain are stored/);
    // Diagnostics need a few draws.
    const early = await shows(wide.page, 30);
    await shows(wide.page, early + 1);
    await checkFigures(wide.page, TITLES);
    const narrow = await openPage(browser, url, 390, 'dark');
    await shows(narrow.page, early + 1);
    await checkFigures(narrow.page, TITLES);

    coordinator.child.kill('SIGTERM');
    for (const { page } of [wide, narrow]) await says(page, /The run was stopped/);
    await coordinator.ended;
    worker.child.kill('SIGTERM');
    await worker.ended;
    await compareWithReport(browser, run, [wide, narrow]);
    for (const { complaints, requests } of [wide, narrow]) {
      assert.deepEqual(complaints, []);
      for (const request of requests)
        assert.ok(request.startsWith(url) || request.startsWith('data:'), request);
    }
  });
});

async function compareWithReport(browser: Browser, run: string, live: readonly WatchedPage[]): Promise<void> {
  const file = scratch.join('report.html');
  await succeed(['report', run, '--out', file]);
  const report = await openPage(browser, pathToFileURL(file).href, 1280, 'light');
  const title = await report.page.locator('h1').innerText();
  const wanted = await figuresOf(report.page);
  assert.equal(wanted.length, TITLES.length);
  for (const { page } of live) {
    await page.locator('h1', { hasText: title }).waitFor(PATIENCE);
    assert.deepEqual(await figuresOf(page), wanted);
  }
}
