/** Is the run healthy, is it stuck: its phase, its workers, when something came last. */
import type { Registry } from 'prom-client';
import { totalSweeps } from '../../sampler/run-plan.js';
import { sampledCounter, sampledGauge } from '../../telemetry/registry.js';
import type { RunPhase, WorkerPhase } from '../status.js';
import type { MetricSources } from './sources.js';

const RUN_PHASES: readonly RunPhase[] = ['waiting', 'warm-up', 'sampling', 'finished', 'stopped'];
const WORKER_PHASES: readonly WorkerPhase[] = ['idle', 'loading', 'working', 'leaving'];

export function addHealth(registry: Registry, sources: MetricSources): void {
  sampledGauge(registry, {
    name: 'bitgibbs_run_phase',
    help: '1 for the phase that the run is in, 0 for the others: waiting (for workers), warm-up (until the last chain is done with it), sampling, finished, stopped.',
    labels: ['phase'],
    samples: () => {
      const now = sources.status().phase;
      return RUN_PHASES.map((phase) => [{ phase }, Number(phase === now)]);
    },
  });
  addWorkers(registry, sources);
  addTimes(registry, sources);
}

function addWorkers(
  registry: Registry,
  { status, roster, faults, refused, workersExpected }: MetricSources,
): void {
  sampledGauge(registry, {
    name: 'bitgibbs_workers',
    help: 'Workers that are joined, by what they do: idle (spare or not yet needed), loading, working, leaving.',
    labels: ['state'],
    samples: () => {
      const { workers } = status();
      return WORKER_PHASES.map((state) => [
        { state },
        workers.filter((worker) => worker.state === state).length,
      ]);
    },
  });
  sampledGauge(registry, {
    name: 'bitgibbs_workers_expected',
    help: 'Workers that the run waits for before it begins (--workers); fewer joined than this means that some are missing.',
    samples: () => [[{}, workersExpected]],
  });
  sampledCounter(registry, {
    name: 'bitgibbs_worker_joins_total',
    help: 'Times that a worker has joined, one that comes back included.',
    samples: () => [[{}, roster.joins]],
  });
  sampledCounter(registry, {
    name: 'bitgibbs_worker_departures_total',
    help: 'Times that a worker has gone, by why: left (it said so, as on SIGTERM), lost (it died or fell silent), dropped (sent away for a fault).',
    labels: ['reason'],
    samples: () => Object.entries(roster.departures).map(([reason, count]) => [{ reason }, count]),
  });
  sampledCounter(registry, {
    name: 'bitgibbs_refused_total',
    help: 'Connections turned away at the port (a certificate that is not trusted, too many), and calls by the status they got: unauthenticated, permission_denied (another role), resource_exhausted (too many).',
    labels: ['reason'],
    samples: () => Object.entries(refused).map(([reason, count]) => [{ reason }, count]),
  });
  sampledCounter(registry, {
    name: 'bitgibbs_worker_faults_total',
    help: 'Workers sent away, by kind: audit (what it computed did not add up: wrong arithmetic, memory or software; nothing of it is stored), answer (it answered what it was not asked).',
    labels: ['kind'],
    samples: () => Object.entries(faults()).map(([kind, count]) => [{ kind }, count]),
  });
  sampledCounter(registry, {
    name: 'bitgibbs_audits_total',
    help: 'Full recomputes of a chain on a worker that found every table row right.',
    samples: () => [[{}, status().audits]],
  });
}

function addTimes(registry: Registry, { status, watch, plan }: MetricSources): void {
  sampledGauge(registry, {
    name: 'bitgibbs_last_draw_timestamp_seconds',
    help: 'Unix time at which a draw of any chain was taken last; no sample before the first draw of this process.',
    samples: () => (watch.lastDrawAt === undefined ? [] : [[{}, watch.lastDrawAt]]),
  });
  sampledGauge(registry, {
    name: 'bitgibbs_longest_waiting_chain_timestamp_seconds',
    help: 'Unix time of the last audited sweep of that chain which has waited longest for one, over all chains that have sweeps to go; no sample without any.',
    samples: () => {
      const { chains } = status();
      const last = totalSweeps(plan());
      const at = watch.longestWaiting((chain) => chains[chain]!.sweep < last);
      return at === undefined ? [] : [[{}, at]];
    },
  });
}
