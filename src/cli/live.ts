/** The live page of a run that this process serves. */
import type { RunStatus } from '../coordinator/status.js';
import { startFigures } from '../report/live/figures-service.js';
import { LivePage } from '../report/live/live-page.js';
import { warmupSweeps } from '../sampler/run-plan.js';
import type { Pages } from '../telemetry/http.js';
import type { Prepared } from './prepare.js';

/** Pages for `CoordinatorOptions`. */
export function livePages({ data, plan, out }: Prepared): (status: () => RunStatus) => Pages {
  return (status) =>
    new LivePage({
      run: { data: data.name, warmupSweeps: warmupSweeps(plan) },
      status,
      figures: startFigures({
        folder: out,
        test: data.test,
        missingTest: data.test ? undefined : 'There are no held-out rows to predict.',
      }),
    });
}
