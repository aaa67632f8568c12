/**
 * Charts as SVG text, drawn by Observable Plot on a document of linkedom.
 *
 * Why Plot: ISC licence, kept by the makers of D3; draws to SVG that takes its colours from the page (light and dark) and
 * needs no script there. Apache ECharts draws without a document but fixes its colours and is four times the size; Vega
 * needs a specification in JSON and its own expression language; uPlot draws on a canvas in the browser only.
 */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Widths in CSS pixels: a card on a phone, the page on a laptop. */
export const CARD = 340;
export const WIDE = 1080;

/** Points of all lines of a chart together; more can't be told apart. */
export const MOST_POINTS = 9600;

type Options = NonNullable<Parameters<typeof Plot.plot>[0]>;

/** Numbers of a drawing to a hundredth of a pixel, whose further digits only take room. */
function rounded(svg: string): string {
  return svg.replace(/ (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|r|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/(\.\d\d)\d+/g, '$1'),
  );
}

/** One chart. @param label what it shows, for readers who don't see it */
export function chart(label: string, options: Options): string {
  const drawn = Plot.plot({
    ...{ document, className: 'plot', ariaLabel: label, style: { fontSize: '11px' } },
    ...options,
  } as Options) as unknown as { readonly outerHTML: string };
  return rounded(drawn.outerHTML.replace(/<style>[^]*?<\/style>/g, ''));
}

/** The same chart for wide and for narrow pages; the style sheet shows the one that fits. */
export function chartInTwoWidths(label: string, options: (width: number) => Options): string {
  return [
    `<div class="on-wide">${chart(label, options(WIDE))}</div>`,
    `<div class="on-narrow">${chart(label, options(CARD))}</div>`,
  ].join('');
}

export interface Bar {
  readonly label: string;
  readonly count: number;
  /** One of the style sheet's: good, bad, quiet. */
  readonly colour: 'good' | 'bad' | 'quiet';
}

/** Counts by bins of any width. */
export function barChart(label: string, xLabel: string, bars: readonly Bar[]): string {
  return chart(label, {
    width: CARD,
    height: 200,
    marginLeft: 44,
    marginBottom: 40,
    x: { label: xLabel, domain: bars.map((bar) => bar.label), padding: 0.15 },
    y: { label: null, grid: true, ticks: 4, tickFormat: 's' },
    marks: [
      Plot.barY(bars, {
        ...{ x: 'label', y: 'count', rx: 2 },
        fill: (bar: Bar) => `var(--${bar.colour})`,
        title: (bar: Bar) => `${bar.label}: ${bar.count}`,
      }),
      Plot.ruleY([0]),
    ],
    color: { type: 'identity' },
  } as Options);
}

/** Counts values into bins that end below the given bounds; the last one has no end. */
export function binned(values: readonly number[], bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const bin = bounds.findIndex((bound) => value < bound);
    counts[bin < 0 ? bounds.length : bin]!++;
  }
  return counts;
}
