/** Figures of how well the weights mixed. */
import * as Plot from '@observablehq/plot';
import { WEIGHT_CLASSES, type WeightClass } from '../../diagnostics/weight-class.js';
import type { Analysis } from '../analysis.js';
import { barChart, binned, chart, WIDE } from '../chart.js';
import { figure } from '../html.js';

const COLOURS: Readonly<Record<WeightClass, string>> = {
  mixed: 'var(--good)',
  sticky: 'var(--bad)',
  agreed: 'var(--quiet)',
  disagreed: 'var(--worst)',
};

const MEANING: Readonly<Record<WeightClass, string>> = {
  mixed: 'within the limits',
  sticky: 'moved, not enough',
  agreed: 'never moved, alike in all chains',
  disagreed: 'never moved, chains differ',
};

export function classFigure({ classes, weights }: Analysis): string {
  const parts = WEIGHT_CLASSES.filter((name) => classes[name] > 0).map((name) => ({
    name,
    count: classes[name],
  }));
  const keys = WEIGHT_CLASSES.map(
    (name) =>
      `<span><i class="key" style="background:${COLOURS[name]}"></i>${name} ${classes[name].toLocaleString('en-US')} ` +
      `<small>${MEANING[name]}</small></span>`,
  );
  return figure({
    title: 'Classes of weights',
    caption:
      'A weight that never moved has no R-hat and no effective size: it is certain, or no chain could move it.',
    body:
      chart('Share of each class of weights', {
        ...{ width: WIDE, height: 46, margin: 0, marginTop: 4, marginBottom: 4 },
        x: { axis: null },
        marks: [
          Plot.barX(parts, {
            ...Plot.stackX({ x: 'count', order: null }),
            ...{ fill: ({ name }: { name: WeightClass }) => COLOURS[name], insetRight: 2, rx: 3 },
            title: ({ name, count }: { name: string; count: number }) =>
              `${name}: ${count} of ${weights.length} weights`,
          }),
        ],
        color: { type: 'identity' },
      }) + `<p class="legend classes">${keys.join('')}</p>`,
    width: 'wide',
  });
}

const RHAT_BOUNDS = [1.01, 1.02, 1.05, 1.1, 1.2, 1.5];
const ESS_BOUNDS = [10, 30, 100, 400, 1000, 4000];
const FLIP_BOUNDS = [3, 5, 10, 30, 100];

/** `<a`, then each bound as the start of its bin. */
function labelsFor(bounds: readonly number[]): string[] {
  const short = (bound: number): string => (bound >= 1000 ? `${bound / 1000}k` : String(bound));
  return [`<${short(bounds[0]!)}`, ...bounds.map((bound) => `≥${short(bound)}`)];
}

function bars(values: readonly number[], bounds: readonly number[], isGood: (bin: number) => boolean) {
  const labels = labelsFor(bounds);
  return binned(values, bounds).map((count, bin) => ({
    label: labels[bin]!,
    count,
    colour: isGood(bin) ? ('good' as const) : ('bad' as const),
  }));
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** Nothing where no weight has an R-hat: with one chain, or where none moved. */
export function rhatFigure({ weights }: Analysis): string[] {
  const rhats = weights.filter(({ flips, rhat }) => flips > 0 && !Number.isNaN(rhat)).map(({ rhat }) => rhat);
  const isGood = (bin: number): boolean => bin <= RHAT_BOUNDS.indexOf(1.01);
  if (rhats.length === 0) return [];
  return [
    figure({
      title: 'R-hat of the weights',
      caption: `Of the ${counted(rhats.length, 'weight')} that moved. Above 1.01 chains, or their halves, differ.`,
      body: barChart('Number of weights by R-hat', 'R-hat', bars(rhats, RHAT_BOUNDS, isGood)),
    }),
  ];
}

/** Nothing where no weight moved, or draws are too few. */
export function essFigure({ weights, chains, draws }: Analysis): string[] {
  const sizes = weights.filter(({ flips, essBulk }) => flips > 0 && !Number.isNaN(essBulk));
  const isGood = (bin: number): boolean => bin > ESS_BOUNDS.indexOf(400);
  if (sizes.length === 0) return [];
  const body = barChart(
    'Number of weights by bulk effective size',
    'bulk effective size',
    bars(
      sizes.map(({ essBulk }) => essBulk),
      ESS_BOUNDS,
      isGood,
    ),
  );
  const caption = `Independent draws that would tell as much of a mean as the ${counted(chains * draws, 'draw')} there are; 400 are wanted.`;
  return [figure({ title: 'Effective sizes of the weights', caption, body })];
}

/** Draws that a weight stays as it is, on average; frozen weights are not among them. */
export function flipFigure({ weights, chains, draws }: Analysis): string {
  const moving = weights.filter(({ flips }) => flips > 0);
  const times = moving.map(({ flips }) => (chains * (draws - 1)) / flips);
  const never = weights.length - moving.length;
  const moved = bars(times, FLIP_BOUNDS, () => true);
  return figure({
    title: 'Time to flip',
    caption: 'Draws between two changes of a weight, on average over all chains.',
    body: barChart('Number of weights by draws between flips', 'draws a flip', [
      ...moved,
      { label: 'never', count: never, colour: 'quiet' },
    ]),
  });
}
