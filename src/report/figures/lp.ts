/** Figures of the log posterior: traces, ranks, autocorrelation. */
import * as Plot from '@observablehq/plot';
import type { Analysis } from '../analysis.js';
import { CARD, chart, chartInTwoWidths, MOST_POINTS, WIDE } from '../chart.js';
import { figure } from '../html.js';
import { chainColour } from '../style.js';
import type { WarmupPoint } from '../warmup-traces.js';

const MOST_RANKED = 16;
const RANK_BINS = 20;
const RANKS_A_ROW = 4;
/** Two of three columns of a page, CSS pixels. */
const BROAD = 720;

interface Point {
  readonly chain: string;
  readonly draw: number;
  readonly lp: number;
}

const chainName = (chain: number): string => `chain ${chain}`;

function tracePoints({ lpOfChains, draws, chains }: Analysis): { points: Point[]; every: number } {
  const every = Math.max(1, Math.ceil((draws * chains) / MOST_POINTS));
  const points = lpOfChains.flatMap((lp, chain) =>
    [...lp].flatMap((value, draw) => (draw % every ? [] : [{ chain: chainName(chain), draw, lp: value }])),
  );
  return { points, every };
}

/** Log posterior by draw, a line a chain; under it that of the warm-up, where there is one. */
export function traceFigure(analysis: Analysis, warmup: readonly WarmupPoint[]): string {
  const { points, every } = tracePoints(analysis);
  const body = chartInTwoWidths('Log posterior by draw, one line a chain', (width) => ({
    ...{ width, height: width === WIDE ? 300 : 240, marginLeft: 60, marginRight: 8 },
    x: { label: 'draw', ...(width === WIDE ? {} : { ticks: 4 }) },
    y: { label: 'lp (nat)', grid: true, ticks: 5 },
    color: colours(analysis.chains),
    marks: [
      Plot.lineY(points, {
        ...{ x: 'draw', y: 'lp', z: 'chain', stroke: 'chain' },
        ...stroke(analysis.chains),
      }),
      // A line through one draw can't be seen.
      ...(analysis.draws === 1 ? [Plot.dot(points, { x: 'draw', y: 'lp', fill: 'chain' })] : []),
    ],
  }));
  const thinned = every > 1 ? ` Every ${every}th draw is drawn.` : '';
  return figure({
    title: 'Traces of the log posterior',
    caption: `Chains that have mixed lie over one another and have no trend.${thinned} ${warmupCaption(warmup)}`,
    body: legend(analysis.chains) + body + (warmup.length > 0 ? warmupChart(warmup, analysis.chains) : ''),
    width: 'wide',
  });
}

function colours(chains: number): object {
  const all = Array.from({ length: chains }, (_, chain) => chain);
  return { domain: all.map(chainName), range: all.map(chainColour) };
}

function stroke(chains: number): object {
  return chains > 8 ? { strokeWidth: 0.8, strokeOpacity: 0.6 } : { strokeWidth: 1.1, strokeOpacity: 0.85 };
}

function warmupCaption(warmup: readonly WarmupPoint[]): string {
  return warmup.length > 0
    ? 'Below: the warm-up, on a scale of its own.'
    : 'The warm-up is not stored (--save-warmup).';
}

/** It comes from far below: on one scale with the draws they would be a flat line. */
function warmupChart(warmup: readonly WarmupPoint[], chains: number): string {
  const points = warmup.map(({ chain, sweep, lp }) => ({ chain: chainName(chain), sweep, lp }));
  return chartInTwoWidths('Log posterior by sweep of the warm-up, one line a chain', (width) => ({
    ...{ width, height: 180, marginLeft: 60, marginRight: 8 },
    x: { label: 'warm-up sweep', ...(width === WIDE ? {} : { ticks: 4 }) },
    y: { label: 'lp (nat)', grid: true, ticks: 4 },
    color: colours(chains),
    marks: [
      Plot.lineY(points, { ...{ x: 'sweep', y: 'lp', z: 'chain', stroke: 'chain' }, ...stroke(chains) }),
      // A line through one draw can't be seen.
      ...(points.length === chains ? [Plot.dot(points, { x: 'sweep', y: 'lp', fill: 'chain' })] : []),
    ],
  }));
}

function legend(chains: number): string {
  if (chains > 10) return `<p class="legend">${chains} chains</p>`;
  const keys = Array.from(
    { length: chains },
    (_, i) => `<span><i class="key chain-${i}"></i>${chainName(i)}</span>`,
  );
  return `<p class="legend">${keys.join('')}</p>`;
}

interface RankBin {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly column: number;
  readonly row: number;
}

/** Ranks among all draws of all chains, binned, relative to what equal chains would have. */
function rankBins({ lpOfChains, chains, draws }: Analysis): RankBin[] {
  const all = lpOfChains.flatMap((lp, chain) => [...lp].map((value) => ({ chain, value })));
  all.sort((a, b) => a.value - b.value);
  const counts = lpOfChains.map(() => new Array<number>(RANK_BINS).fill(0));
  all.forEach(({ chain }, rank) => counts[chain]![Math.floor((rank * RANK_BINS) / all.length)]!++);
  return counts.slice(0, MOST_RANKED).flatMap((bins, chain) =>
    bins.map((count, bin) => ({
      ...{ chain: chainName(chain), column: chain % RANKS_A_ROW, row: Math.floor(chain / RANKS_A_ROW) },
      from: (bin * chains * draws) / RANK_BINS,
      to: ((bin + 1) * chains * draws) / RANK_BINS,
      share: (count * RANK_BINS) / draws,
    })),
  );
}

function rankChart(bins: readonly RankBin[], columns: number, width: number): string {
  const placed = bins.map((bin) => {
    const chain = bin.row * RANKS_A_ROW + bin.column;
    return { ...bin, column: chain % columns, row: Math.floor(chain / columns) };
  });
  const rows = 1 + Math.max(...placed.map((bin) => bin.row));
  const names = placed.filter((bin) => bin.from === 0);
  return chart('Ranks of the log posterior, one histogram a chain', {
    ...{
      width,
      height: 30 + (rows === 1 ? 190 : 120) * rows,
      marginLeft: 30,
      marginRight: 8,
      marginBottom: 10,
    },
    fx: { axis: null, padding: 0.08 },
    fy: { axis: null, padding: 0.18 },
    x: { axis: null },
    y: { label: null, ticks: 3 },
    marks: [
      Plot.rectY(placed, {
        ...{ x1: 'from', x2: 'to', y: 'share', fx: 'column', fy: 'row', fill: 'var(--accent)', inset: 0.3 },
        title: (bin: RankBin) => `${bin.chain}: ${bin.share.toFixed(2)} of an equal share`,
      }),
      Plot.ruleY([1], { stroke: 'currentColor', strokeDasharray: '3,3' }),
      Plot.ruleY([0]),
      Plot.text(names, {
        ...{ fx: 'column', fy: 'row', text: 'chain' },
        frameAnchor: 'top',
        dy: -13,
        fontWeight: 600,
      }),
    ],
  });
}

export function rankFigure(analysis: Analysis): string {
  const bins = rankBins(analysis);
  const columns = Math.min(RANKS_A_ROW, analysis.chains);
  const more = analysis.chains > MOST_RANKED ? ` The first ${MOST_RANKED} of ${analysis.chains} chains.` : '';
  return figure({
    title: 'Ranks of the log posterior',
    caption: `Each chain should have an equal share (dashed) of all ranks, from the lowest lp to the highest.${more}`,
    body:
      `<div class="on-wide">${rankChart(bins, columns, BROAD)}</div>` +
      `<div class="on-narrow">${rankChart(bins, Math.min(2, columns), CARD)}</div>`,
    width: 'broad',
  });
}

export function autocorrelationFigure({ lpAutocorrelations }: Analysis): string {
  const points = [...lpAutocorrelations].map((rho, lag) => ({ lag, rho }));
  return figure({
    title: 'Autocorrelation of the log posterior',
    caption:
      'Over all chains together. The sooner it comes down to 0, the more a draw is worth; chains that disagree keep it up.',
    body: chart('Autocorrelation of the log posterior by lag', {
      ...{ width: CARD, height: 220, marginLeft: 36 },
      x: { label: 'lag (draws)' },
      y: { label: null, grid: true, domain: [Math.min(-0.2, ...lpAutocorrelations), 1] },
      marks: [
        Plot.ruleX(points, { x: 'lag', y1: 0, y2: 'rho', stroke: 'var(--accent)', strokeWidth: 2 }),
        Plot.ruleY([0]),
      ],
    }),
  });
}
