/** The live page of a run that this process serves. */
import type { RunStatus } from '../coordinator/status.js';
import type { FiguresSetup } from '../report/live/figures.js';
import { startFigures } from '../report/live/figures-service.js';
import { LivePage } from '../report/live/live-page.js';
import { warmupSweeps } from '../sampler/run-plan.js';
import type { Pages } from '../telemetry/http.js';
import type { Prepared } from './prepare.js';

/** What figures of the run are made of. */
export function figuresSetup({ data, out }: Pick<Prepared, 'data' | 'out'>): FiguresSetup {
  return {
    folder: out,
    test: data.test,
    missingTest: data.test ? undefined : 'There are no held-out rows to predict.',
  };
}

/**
 * Pages for `CoordinatorOptions`.
 * @param grace seconds that a stop may take; some of them are for the last figures
 */
export function livePages(prepared: Prepared, grace: number): (status: () => RunStatus) => Pages {
  const { data, plan } = prepared;
  return (status) =>
    new LivePage({
      run: { data: data.name, warmupSweeps: warmupSweeps(plan) },
      status,
      lastFiguresMs: (1000 * grace) / 4,
      figures: startFigures(figuresSetup(prepared)),
    });
}
