/** Figures of the posterior predictive on the test set. */
import * as Plot from '@observablehq/plot';
import type { FeatureGrid } from '../../posterior/model.js';
import { isLit } from '../../posterior/rows.js';
import { CARD, chart } from '../chart.js';
import type { Predictions } from '../grouped-predictive.js';
import { escaped, figure } from '../html.js';
import { rowPicture } from './pictures.js';

const BINS = 10;
const SHOWN = 12;

/** The most probable class of a test row. */
interface Guess {
  readonly row: number;
  readonly label: number;
  readonly best: number;
  /** Probability of `best`. */
  readonly confidence: number;
}

export function guessesOf({ test, classes, probabilities }: Predictions): Guess[] {
  return Array.from({ length: test.count }, (_, row) => {
    let best = 0;
    const at = (k: number): number => probabilities[row * classes + k]!;
    for (let k = 1; k < classes; k++) if (at(k) > at(best)) best = k;
    return { row, label: test.labels[row]!, best, confidence: at(best) };
  });
}

interface CalibrationBin {
  readonly confidence: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927); 95 %. */
function wilson(right: number, count: number): { low: number; high: number } {
  const z = 1.959964;
  const share = right / count;
  const centre = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Rows by their confidence: mean confidence against the share that is right; row weights count. */
export function calibration(predictions: Predictions): CalibrationBin[] {
  const bins = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0, count: 0 }));
  for (const { row, label, best, confidence } of guessesOf(predictions)) {
    const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))]!;
    const weight = predictions.test.weights[row]!;
    bin.confidence += weight * confidence;
    bin.right += label === best ? weight : 0;
    bin.count += weight;
  }
  return bins
    .filter(({ count }) => count > 0)
    .map(({ confidence, right, count }) => ({
      ...{ confidence: confidence / count, share: right / count, count },
      ...wilson(right, count),
    }));
}

export function calibrationFigure(predictions: Predictions): string {
  const bins = calibration(predictions);
  const axis = { domain: [0, 1], ticks: 5, tickFormat: '.0%', grid: true } as const;
  return figure({
    title: 'Calibration on the test set',
    caption:
      'Of the rows given a class with so much confidence, the share that is right, with 95 % intervals. The dashed line is as it should be.',
    body: chart('Share of right predictions by confidence', {
      ...{ width: CARD, height: CARD - 20, marginLeft: 44, marginBottom: 40 },
      x: { ...axis, label: 'confidence' },
      y: { ...axis, label: 'right' },
      r: { range: [2, 9] },
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: 'currentColor', strokeDasharray: '3,3', strokeOpacity: 0.7 },
        ),
        Plot.ruleX(bins, {
          x: 'confidence',
          y1: 'low',
          y2: 'high',
          stroke: 'var(--accent)',
          strokeWidth: 1.5,
        }),
        Plot.dot(bins, {
          ...{ x: 'confidence', y: 'share', r: 'count', fill: 'var(--accent)' },
          title: ({ share, confidence, count }: CalibrationBin) =>
            `${count} rows at ${(100 * confidence).toFixed(1)} %: ${(100 * share).toFixed(1)} % right`,
        }),
      ],
    }),
  });
}

/** Share of each class's test rows that is predicted right. */
export function classAccuracyFigure(predictions: Predictions, classNames: readonly string[]): string {
  const counts = classNames.map((name) => ({ name, right: 0, count: 0 }));
  for (const { row, label, best } of guessesOf(predictions)) {
    const weight = predictions.test.weights[row]!;
    counts[label]!.count += weight;
    if (label === best) counts[label]!.right += weight;
  }
  const shares = counts
    .filter(({ count }) => count > 0)
    .map(({ name, right, count }) => ({ name, count, ...wilson(right, count), share: right / count }));
  return figure({
    title: 'Right by class',
    caption: 'Share of the test rows of each class that get their class, with 95 % intervals.',
    body: chart('Share of right predictions by class', {
      ...{ width: CARD, height: CARD - 20, marginLeft: 44, marginBottom: 40 },
      x: { label: 'class', domain: shares.map(({ name }) => name), type: 'band' },
      y: { label: null, grid: true, ticks: 5, tickFormat: '.0%', domain: [0, 1] },
      marks: [
        Plot.barY(shares, {
          ...{ x: 'name', y: 'share', fill: 'var(--good)', rx: 2 },
          title: ({ name, share, count }: (typeof shares)[number]) =>
            `${name}: ${(100 * share).toFixed(1)} % of ${count}`,
        }),
        Plot.ruleX(shares, { x: 'name', y1: 'low', y2: 'high', stroke: 'currentColor' }),
        Plot.ruleY([0]),
      ],
    }),
  });
}

const CONFIDENCE_BINS = 20;

interface ConfidenceBin {
  readonly from: number;
  readonly to: number;
  readonly outcome: 'right' | 'wrong';
  count: number;
}

/** Numbers of right and wrong rows by confidence. */
function confidenceBins(predictions: Predictions): ConfidenceBin[] {
  const bins = Array.from({ length: CONFIDENCE_BINS }, (_, i) =>
    (['right', 'wrong'] as const).map((outcome) => ({
      ...{ from: i / CONFIDENCE_BINS, to: (i + 1) / CONFIDENCE_BINS, outcome },
      count: 0,
    })),
  );
  for (const { row, label, best, confidence } of guessesOf(predictions)) {
    const bin = bins[Math.min(CONFIDENCE_BINS - 1, Math.floor(confidence * CONFIDENCE_BINS))]!;
    bin[label === best ? 0 : 1]!.count += predictions.test.weights[row]!;
  }
  return bins.flat().filter(({ count }) => count > 0);
}

export function confidenceFigure(predictions: Predictions): string {
  return figure({
    title: 'Confidence on the test set',
    caption:
      'Test rows by the probability of their most probable class; the wrong ones are in the second colour.',
    body: chart('Number of test rows by confidence', {
      ...{ width: CARD, height: CARD - 20, marginLeft: 44, marginBottom: 40 },
      x: { label: 'confidence', domain: [0, 1], tickFormat: '.0%', ticks: 5 },
      y: { label: null, grid: true, ticks: 5, tickFormat: 's' },
      color: { domain: ['right', 'wrong'], range: ['var(--good)', 'var(--bad)'] },
      marks: [
        Plot.rectY(
          confidenceBins(predictions),
          Plot.stackY({
            ...{ x1: 'from', x2: 'to', y: 'count', fill: 'outcome', inset: 0.5 },
            title: ({ from, to, outcome, count }: ConfidenceBin) =>
              `${Math.round(100 * from)} to ${Math.round(100 * to)} %: ${count} ${outcome}`,
          }),
        ),
        Plot.ruleY([0]),
      ],
    }),
  });
}

function shareText(share: number): string {
  return share > 0.999 ? '>99.9 %' : `${(100 * share).toFixed(share > 0.99 ? 1 : 0)} %`;
}

function digit(
  predictions: Predictions,
  guess: Guess,
  grid: FeatureGrid,
  classNames: readonly string[],
): string {
  const { test } = predictions;
  const { row, label, best, confidence } = guess;
  const image = rowPicture(grid, (j) => isLit(test, row, j), `test row ${row}, a ${classNames[label]!}`);
  const verdict = label === best ? 'right' : 'wrong';
  const told = `${classNames[best]!} · ${shareText(confidence)}`;
  const truth = label === best ? '' : ` <small>is ${escaped(classNames[label]!)}</small>`;
  return `<div class="picture ${verdict}">${image}<span>${escaped(told)}${truth}</span></div>`;
}

/** The most certain, least certain and most certainly wrong test rows. */
export function certaintyFigures(
  predictions: Predictions,
  grid: FeatureGrid,
  classNames: readonly string[],
): string[] {
  const byConfidence = guessesOf(predictions).sort((a, b) => b.confidence - a.confidence);
  const show = (title: string, caption: string, guesses: readonly Guess[]): string => {
    const pictures = guesses.slice(0, SHOWN).map((guess) => digit(predictions, guess, grid, classNames));
    const strips = grid.rows === 1 ? ' strips' : '';
    return figure({
      title,
      caption,
      body: `<div class="gallery digits${strips}">${pictures.join('')}</div>`,
    });
  };
  const wrong = byConfidence.filter(({ label, best }) => label !== best);
  return [
    show('Most certain', 'Test rows whose most probable class has the highest probability.', byConfidence),
    show(
      'Least certain',
      'Test rows whose most probable class has the lowest probability.',
      [...byConfidence].reverse(),
    ),
    ...(wrong.length
      ? [show('Most certain mistakes', 'Wrong predictions with the highest probability.', wrong)]
      : []),
  ];
}
