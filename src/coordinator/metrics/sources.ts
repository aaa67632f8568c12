/** What a run's metrics are read from. */
import type { RunPlan } from '../../sampler/run-plan.js';
import type { RefusedCounts } from '../access/refused.js';
import type { WorkerFaults } from '../brain/statistics.js';
import type { Roster } from '../roster.js';
import type { RunStatus } from '../status.js';
import type { Watch } from '../watch.js';

export interface MetricSources {
  status(): RunStatus;
  faults(): WorkerFaults;
  readonly refused: Readonly<RefusedCounts>;
  /** Its draws may grow. */
  plan(): RunPlan;
  readonly roster: Roster;
  readonly watch: Watch;
  readonly workersExpected: number;
  /** Folder of the draws; undefined where they are not kept on a disk. */
  readonly storeFolder: string | undefined;
}
