/** A worker's state for its metrics, and the server that shows them. */
import type { Registry } from 'prom-client';
import { STREAM_VERSION } from '../posterior/stream.js';
import { startTelemetry, type TelemetryServer } from '../telemetry/http.js';
import { packageVersion } from '../telemetry/package-version.js';
import { makeRegistry, sampledCounter, sampledGauge } from '../telemetry/registry.js';
import type { WorkerAnswer } from '../wire/codec/answer.js';
import { PROTOCOL_VERSION } from '../wire/version.js';
import { EffortLog, type ThreadTotals } from './effort.js';
import type { WorkerOptions } from './options.js';

export class WorkerState {
  readonly effort = new EffortLog();
  /** Run and number of this worker in it, once it is welcomed. */
  readonly ids: { run?: string; worker?: number } = {};
  connected = false;
  /** Times that a coordinator has welcomed this worker. */
  sessions = 0;
  walks = 0;
  rowsByShard: ReadonlyMap<number, number> = new Map();

  welcomed(): void {
    this.connected = true;
    this.sessions++;
  }

  answered(answer: WorkerAnswer | undefined, rowsByShard: ReadonlyMap<number, number>): void {
    this.rowsByShard = rowsByShard;
    if (answer?.type === 'walked') this.walks++;
  }

  get rowsHeld(): number {
    return [...this.rowsByShard.values()].reduce((sum, rows) => sum + rows, 0);
  }
}

/** The registry that shows a worker's state. */
export function workerRegistry(state: WorkerState, threads: number): Registry {
  const build = {
    version: packageVersion(),
    protocolVersion: PROTOCOL_VERSION,
    streamVersion: STREAM_VERSION,
  };
  const registry = makeRegistry({ ...build, role: 'worker' });
  sampledGauge(registry, {
    name: 'bitgibbs_worker_connected',
    help: '1 while a coordinator has welcomed this worker, else 0.',
    samples: () => [[{}, Number(state.connected)]],
  });
  sampledCounter(registry, {
    name: 'bitgibbs_worker_sessions_total',
    help: 'Times that a coordinator has welcomed this worker; more than one means that the connection broke.',
    samples: () => [[{}, state.sessions]],
  });
  sampledGauge(registry, {
    name: 'bitgibbs_worker_shard_rows',
    help: 'Rows of the shards that this worker holds, once for all its threads.',
    samples: () => [[{}, state.rowsHeld]],
  });
  sampledGauge(registry, {
    name: 'bitgibbs_worker_threads',
    help: 'Threads of this worker; beside the seconds spent in tasks this tells how busy they are.',
    samples: () => [[{}, threads]],
  });
  sampledCounter(registry, {
    name: 'bitgibbs_worker_walks_total',
    help: 'Walk commands answered.',
    samples: () => [[{}, state.walks]],
  });
  addThreadMetrics(registry, state.effort);
  return registry;
}

function addThreadMetrics(registry: Registry, effort: EffortLog): void {
  const perThread = (name: string, help: string, value: (totals: ThreadTotals) => number): void =>
    sampledCounter(registry, {
      name,
      help,
      labels: ['thread'],
      samples: () => effort.threads.map((totals, thread) => [{ thread }, value(totals)] as const),
    });
  perThread('bitgibbs_worker_tasks_total', 'Tasks done, by thread.', ({ tasks }) => tasks);
  perThread(
    'bitgibbs_worker_task_seconds_total',
    'Seconds spent in tasks, by thread.',
    ({ seconds }) => seconds,
  );
  perThread(
    'bitgibbs_worker_sweeps_total',
    'Whole sweeps of chains that this worker walks alone, by thread.',
    ({ sweeps }) => sweeps,
  );
  perThread(
    'bitgibbs_worker_sites_total',
    'Positions of sweeps walked in windows of guessed decisions, undone ones included, by thread.',
    ({ sites }) => sites,
  );
}

/** @throws InputError when the address can't be listened on */
export async function startWorkerTelemetry(
  { metricsAddress: address, threads }: Pick<WorkerOptions, 'metricsAddress' | 'threads'>,
  state: WorkerState,
): Promise<TelemetryServer | undefined> {
  if (address === undefined) return undefined;
  return startTelemetry({
    address,
    registry: workerRegistry(state, threads),
    notReady: () => (state.connected ? undefined : 'no coordinator has welcomed this worker'),
  });
}
