/** Pictures of the weights: one pixel a feature, one picture a class. */
import type { FeatureGrid } from '../../posterior/model.js';
import type { Analysis } from '../analysis.js';
import { escaped, figure } from '../html.js';
import { pngAddress } from '../png.js';

type Colour = readonly [number, number, number];

/** Inks over the page's own ground, so that they do in light and dark: 0 is clear, 1 is full. */
const MEAN: Colour = [37, 99, 235];
const UNCERTAIN: Colour = [217, 119, 6];
const MORE: Colour = [37, 99, 235];
const LESS: Colour = [220, 38, 38];
/** A feature that no training row lights says nothing of the data. */
const UNLIT: Colour = [128, 128, 128];
const UNLIT_ALPHA = 0.22;

const MOST_CHAINS = 8;
/** So few pictures have room to be large. */
const FEW = 5;

/** Pixel of a feature: what is seen there, from 0 to 1, and its colour; nothing where the weight is pinned. */
type Ink = (feature: number) => { readonly colour: Colour; readonly strength: number } | undefined;

function picture(grid: FeatureGrid, lit: Uint8Array, ink: Ink, name: string): string {
  const rgba = new Uint8Array(4 * grid.rows * grid.columns);
  for (let j = 0; j < grid.rows * grid.columns; j++) {
    const drawn = lit[j] ? ink(j) : { colour: UNLIT, strength: UNLIT_ALPHA };
    if (drawn) rgba.set([...drawn.colour, Math.round(255 * Math.min(1, drawn.strength))], 4 * j);
  }
  const shape = grid.rows === 1 ? ' class="strip"' : '';
  return `<img${shape} alt="${escaped(name)}" src="${pngAddress(grid.columns, grid.rows, rgba)}">`;
}

function labelled(image: string, label: string): string {
  return `<div class="picture">${image}<span>${escaped(label)}</span></div>`;
}

function gallery(pictures: readonly string[], grid: FeatureGrid): string {
  const kind = grid.rows === 1 ? ' strips' : pictures.length <= FEW ? ' few' : '';
  return `<div class="gallery${kind}">${pictures.join('')}</div>`;
}

/** Values of one class by feature; undefined where the class is pinned. */
function byFeature(analysis: Analysis, k: number, value: (meanOfChains: readonly number[]) => number) {
  const values = new Map<number, number>();
  for (const weight of analysis.weights) {
    if (weight.class === k) values.set(weight.feature, value(weight.meanOfChains));
  }
  return (feature: number): number | undefined => values.get(feature);
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

/** One picture a class that has weights. */
function classPictures(
  { model }: Analysis,
  classNames: readonly string[],
  inkOf: (k: number) => Ink,
  what: string,
): string[] {
  const first = model.pinned ? 1 : 0;
  return classNames.slice(first).map((name, i) => {
    const image = picture(model.grid, model.lit, inkOf(first + i), `${what} of class ${name}`);
    return labelled(image, `class ${name}`);
  });
}

function scale(from: string, to: string, style: string): string {
  return `<p class="legend"><span>${from}</span><i class="scale ${style}"></i><span>${to}</span><span><i class="key unlit"></i>never lit</span></p>`;
}

export function meanFigure(analysis: Analysis, classNames: readonly string[]): string {
  const inkOf = (k: number): Ink => {
    const mean = byFeature(analysis, k, meanOf);
    return (j) => ({ colour: MEAN, strength: mean(j)! });
  };
  return figure({
    title: 'Posterior mean of the weights',
    caption: 'Share of all draws at which a weight is 1: a lit feature then speaks for the class.',
    body:
      gallery(classPictures(analysis, classNames, inkOf, 'mean'), analysis.model.grid) +
      scale('0', '1', 'mean'),
    width: 'wide',
  });
}

export function uncertaintyFigure(analysis: Analysis, classNames: readonly string[]): string {
  const inkOf = (k: number): Ink => {
    const mean = byFeature(analysis, k, meanOf);
    return (j) => ({ colour: UNCERTAIN, strength: 4 * mean(j)! * (1 - mean(j)!) });
  };
  return figure({
    title: 'Uncertainty of the weights',
    caption:
      '4 p (1 - p) of the mean p: full where draws have as many ones as zeros, clear where all are alike.',
    body:
      gallery(classPictures(analysis, classNames, inkOf, 'uncertainty'), analysis.model.grid) +
      scale('certain', 'open', 'uncertain'),
    width: 'wide',
  });
}

function differenceInk(difference: number): ReturnType<Ink> {
  return { colour: difference > 0 ? MORE : LESS, strength: Math.abs(difference) };
}

/** A row of pictures for each chain: its own mean less that of all. */
export function differenceFigure(analysis: Analysis, classNames: readonly string[]): string {
  const { chains, model } = analysis;
  const freeNames = classNames.slice(model.pinned ? 1 : 0);
  const rows = Array.from({ length: Math.min(chains, MOST_CHAINS) }, (_, chain) => {
    const inkOf = (k: number): Ink => {
      const difference = byFeature(analysis, k, (means) => means[chain]! - meanOf(means));
      return (j) => differenceInk(difference(j)!);
    };
    const pictures = classPictures(analysis, classNames, inkOf, `chain ${chain} against all, mean`);
    return `<h4>chain ${chain}, classes ${escaped(freeNames.join(', '))}</h4>${gallery(pictures, model.grid)}`;
  });
  const more = chains > MOST_CHAINS ? ` The first ${MOST_CHAINS} of ${chains} chains.` : '';
  return figure({
    title: 'Differences between chains',
    caption: `Each chain's mean less the mean of all chains. Chains that agree leave these pictures empty.${more}`,
    body: `<div class="dense">${rows.join('')}</div>` + scale('fewer ones', 'more ones', 'difference'),
    width: 'wide',
  });
}

/** A data row as ink on the page's ground. @param isLit of a feature */
export function rowPicture(grid: FeatureGrid, isLit: (feature: number) => boolean, name: string): string {
  const all = new Uint8Array(grid.rows * grid.columns).fill(1);
  const ink: Ink = (j) => (isLit(j) ? { colour: UNLIT, strength: 1 } : undefined);
  return picture(grid, all, ink, name);
}
