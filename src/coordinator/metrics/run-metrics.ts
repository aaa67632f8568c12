/** A run's metrics, read when they are scraped. Their number grows neither with the weights nor with the workers. */
import { Histogram, type Registry } from 'prom-client';
import { STREAM_VERSION } from '../../posterior/stream.js';
import { packageVersion } from '../../telemetry/package-version.js';
import { makeRegistry } from '../../telemetry/registry.js';
import { PROTOCOL_VERSION } from '../../wire/version.js';
import { addChains } from './chains.js';
import { addConvergence } from './convergence.js';
import { addHealth } from './health.js';
import { addLadder } from './ladder.js';
import type { MetricSources } from './sources.js';
import { addStore } from './store.js';
import { addWork } from './work.js';

const ROUND_BUCKETS = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 4];
const FLUSH_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface RunMetrics {
  readonly registry: Registry;
  observeRound(seconds: number): void;
  observeFlush(seconds: number): void;
}

export function runMetrics(sources: MetricSources): RunMetrics {
  const build = {
    version: packageVersion(),
    protocolVersion: PROTOCOL_VERSION,
    streamVersion: STREAM_VERSION,
  };
  const registry = makeRegistry({ ...build, role: 'coordinator' });
  for (const add of [addHealth, addWork, addChains, addConvergence, addLadder, addStore])
    add(registry, sources);
  const rounds = new Histogram({
    name: 'bitgibbs_round_seconds',
    help: 'Seconds from sending a window of guesses to the workers of a group to the last of their answers.',
    buckets: ROUND_BUCKETS,
    registers: [registry],
  });
  const flushes = new Histogram({
    name: 'bitgibbs_store_flush_seconds',
    help: 'Seconds that it took to make new draws and checkpoints durable; they wait that long for a slow disk.',
    buckets: FLUSH_BUCKETS,
    registers: [registry],
  });
  return {
    registry,
    observeRound: (seconds) => rounds.observe(seconds),
    observeFlush: (seconds) => flushes.observe(seconds),
  };
}
