/** Figures of a tempered run: its ladder, and how a replica travelled on it. */
import * as Plot from '@observablehq/plot';
import type { LadderFigures } from '../../diagnostics/ladder.js';
import { barChart, CARD, chart, chartInTwoWidths, WIDE } from '../chart.js';
import { figure } from '../html.js';

/** Rejections of neighbours; alike where the ladder is tuned well. */
export function rejectionFigure({ rungs, barrier }: LadderFigures): string {
  const pairs = rungs.slice(0, -1).map(({ beta, rejection }, rung) => ({ rung, beta, rejection }));
  return figure({
    title: 'Refused exchanges by rung',
    caption: `Mean probability that a rung and the next above it keep their replicas; summed it is the barrier, ${barrier.toFixed(2)}. Alike is best.`,
    body: chart('Rejection probability by rung', {
      ...{ width: CARD, height: 200, marginLeft: 44, marginBottom: 36 },
      x: { label: 'rung' },
      y: { label: null, domain: [0, 1], grid: true, ticks: 4 },
      marks: [
        Plot.lineY(pairs, { x: 'rung', y: 'rejection', stroke: 'var(--quiet)' }),
        Plot.dot(pairs, {
          ...{ x: 'rung', y: 'rejection', r: 3, fill: 'var(--good)' },
          title: ({ beta, rejection }: { beta: number; rejection: number }) =>
            `beta ${beta.toFixed(4)}: ${rejection.toFixed(3)}`,
        }),
        Plot.ruleY([0]),
      ],
    }),
  });
}

/** Where the rungs are, and what the likelihood is there. */
export function ladderFigure({ rungs, logEvidence }: LadderFigures): string {
  const low = rungs[0]!.beta;
  const error = Number.isNaN(logEvidence.error) ? '' : ` ± ${logEvidence.error.toFixed(3)}`;
  const name = low === 0 ? 'Log evidence' : `log(Z(1) / Z(${low.toFixed(4)}))`;
  return figure({
    title: 'The ladder',
    caption: `Mean log-likelihood at each inverse temperature. ${name}: ${logEvidence.value.toFixed(2)}${error} nat.`,
    body: chart('Mean log-likelihood by inverse temperature', {
      ...{ width: CARD, height: 200, marginLeft: 64, marginBottom: 36 },
      // The rungs crowd towards 0.
      x: { label: 'beta', type: 'sqrt', domain: [0, 1], ticks: [0, 0.1, 0.5, 1] },
      y: { label: null, grid: true, ticks: 4 },
      marks: [
        Plot.lineY(rungs, { x: 'beta', y: 'logLik', stroke: 'var(--quiet)' }),
        Plot.dot(rungs, {
          ...{ x: 'beta', y: 'logLik', r: 3, fill: 'var(--good)' },
          title: ({ beta, logLik }: { beta: number; logLik: number }) =>
            `beta ${beta.toFixed(4)}: ${logLik.toFixed(1)} nat`,
        }),
      ],
    }),
  });
}

export function tripsFigure({ restarts }: LadderFigures): string {
  const bars = restarts.map((count, chain) => ({
    ...{ label: String(chain), count },
    colour: count > 0 ? ('good' as const) : ('bad' as const),
  }));
  return figure({
    title: 'Restarts by chain',
    caption: 'How often a replica came from the lowest rung to beta 1: each brings the chain a fresh state.',
    body: barChart('Restarts by chain', 'chain', bars),
  });
}

/** The way of one replica up and down the ladder. */
export function pathFigure({ path, rungs }: LadderFigures): string {
  return figure({
    title: 'The way of a replica',
    caption: 'Rung of replica 0 of chain 0 at its draws; the draws are taken at the highest rung.',
    body: chartInTwoWidths('Rung of a replica by draw', (width) => ({
      ...{ width, height: width === WIDE ? 220 : 200, marginLeft: 44, marginRight: 8 },
      x: { label: 'draw', ...(width === WIDE ? {} : { ticks: 4 }) },
      y: { label: 'rung', domain: [0, rungs.length - 1], grid: true, ticks: Math.min(6, rungs.length - 1) },
      marks: [
        Plot.lineY(path, { x: 'draw', y: 'rung', curve: 'step', stroke: 'var(--good)', strokeWidth: 1.2 }),
      ],
    })),
    width: 'wide',
  });
}
