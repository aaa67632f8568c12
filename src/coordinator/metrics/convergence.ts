/** Is it converging: lp over the draws so far, as a summary would judge it. */
import type { Registry } from 'prom-client';
import { sampledGauge } from '../../telemetry/registry.js';
import type { LpFigures } from '../lp-monitor.js';
import type { MetricSources } from './sources.js';

export function addConvergence(registry: Registry, { watch }: MetricSources): void {
  const gauge = (name: string, help: string, value: (figures: LpFigures) => number): void =>
    sampledGauge(registry, {
      name,
      help,
      samples: () => {
        const { lp } = watch;
        const figure = lp && value(lp);
        return figure === undefined || !Number.isFinite(figure) ? [] : [[{}, figure]];
      },
    });
  gauge(
    'bitgibbs_lp_rhat_ratio',
    "Rank-normalised split R-hat of lp over this process's draws of all chains, thinned in long runs; near 1 where chains agree. None with one chain or before 20 draws.",
    ({ rhat }) => rhat,
  );
  gauge(
    'bitgibbs_lp_effective_draws',
    'Bulk effective sample size of lp over the draws that R-hat is of, some 16,384 in long runs; more than their number where draws alternate about their mean.',
    ({ effectiveDraws }) => effectiveDraws,
  );
  gauge(
    'bitgibbs_lp_judged_draws',
    'Draws a chain that the figures of lp are of; they are made anew when there are 2 percent more.',
    ({ draws }) => draws,
  );
}
