/** A real browser that looks at pages of figures. */
import assert from 'node:assert/strict';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = process.env['BITGIBBS_TEST_CHROMIUM'];

/** Why there is no browser, where there is none. */
export const noBrowser = executablePath ? false : 'no Chromium';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page, and what it has complained of and asked the world for. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

export type Scheme = 'light' | 'dark';

export async function openPage(
  browser: Browser,
  url: string,
  width: number,
  colorScheme: Scheme,
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests };
}

export interface Seen {
  /** Title of each figure, and how many visible marks it has. */
  readonly figures: readonly (readonly [title: string, marks: number])[];
  /** CSS pixels that the page is wider than the window. */
  readonly overflow: number;
}

/** Looks at the page: what it draws, and whether it fits. */
async function look(page: Page): Promise<Seen> {
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
  })()`)) as Seen & { readonly broken: number };
  assert.equal(found.broken, 0, 'broken pictures');
  return found;
}

/** The figures must have these titles and marks each, and the page must fit in its window. */
export async function checkFigures(page: Page, titles: readonly string[]): Promise<void> {
  const { figures, overflow } = await look(page);
  const width = page.viewportSize()!.width;
  assert.equal(overflow, 0, `${width} pixels are too few`);
  assert.deepEqual(
    figures.map(([title]) => title),
    titles,
  );
  for (const [title, marks] of figures) assert.ok(marks >= 1, `${title} has no marks at ${width} pixels`);
}

export const COMMON_FIGURES = [
  ...['Traces of the log posterior', 'Ranks of the log posterior', 'Autocorrelation of the log posterior'],
  ...['Classes of weights', 'R-hat of the weights', 'Effective sizes of the weights', 'Time to flip'],
  ...['Posterior mean of the weights', 'Uncertainty of the weights', 'Differences between chains'],
];
export const PREDICTED_FIGURES = [
  ...['Calibration on the test set', 'Confidence on the test set', 'Right by class'],
  ...['Most certain', 'Least certain', 'Most certain mistakes'],
];
