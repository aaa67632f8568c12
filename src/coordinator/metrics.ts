/** A run's metrics, read from its status when they are scraped. */
import { Histogram, type Registry } from 'prom-client';
import { STREAM_VERSION } from '../posterior/stream.js';
import { packageVersion } from '../telemetry/package-version.js';
import { makeRegistry, sampledCounter, sampledGauge } from '../telemetry/registry.js';
import { PROTOCOL_VERSION } from '../wire/version.js';
import type { RunStatus, WorkerPhase } from './status.js';

/** Chains beyond this have no series of their own: a scrape stays small. */
export const MAX_CHAIN_SERIES = 64;

const WORKER_PHASES: readonly WorkerPhase[] = ['idle', 'loading', 'working', 'leaving'];
const ROUND_BUCKETS = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 4];

export interface RunMetrics {
  readonly registry: Registry;
  observeRound(seconds: number): void;
}

export function runMetrics(status: () => RunStatus): RunMetrics {
  const build = {
    version: packageVersion(),
    protocolVersion: PROTOCOL_VERSION,
    streamVersion: STREAM_VERSION,
  };
  const registry = makeRegistry({ ...build, role: 'coordinator' });
  addTotals(registry, status);
  addMoves(registry, status);
  addChains(registry, status);
  const rounds = new Histogram({
    name: 'bitgibbs_round_seconds',
    help: 'Seconds from sending a window of guesses to the workers of a group to the last of their answers.',
    buckets: ROUND_BUCKETS,
    registers: [registry],
  });
  return { registry, observeRound: (seconds) => rounds.observe(seconds) };
}

function addTotals(registry: Registry, status: () => RunStatus): void {
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
  const counter = (name: string, help: string, value: (now: RunStatus) => number): void =>
    sampledCounter(registry, { name, help, samples: () => [[{}, value(status())]] });
  counter(
    'bitgibbs_sweeps_total',
    'Audited sweeps of all chains since this process began.',
    (s) => s.sweepsDone,
  );
  counter('bitgibbs_draws_total', 'Draws taken, all chains together, those of a resumed run included.', (s) =>
    s.chains.reduce((sum, chain) => sum + chain.draws, 0),
  );
  counter(
    'bitgibbs_rounds_total',
    'Rounds with chains that are spread over several workers.',
    (s) => s.rounds,
  );
  counter(
    'bitgibbs_window_sites_walked_total',
    'Sites in the windows of guesses sent; more than needed, for what follows a wrong guess is walked again.',
    (s) => s.sitesWalked,
  );
  counter(
    'bitgibbs_window_sites_needed_total',
    'Sites in the sweeps that were begun in windows of guesses.',
    (s) => s.sitesNeeded,
  );
  counter(
    'bitgibbs_audits_total',
    'Full recomputes of a chain on a worker that found every table row right; one that does not drops the worker.',
    (s) => s.audits,
  );
  sampledGauge(registry, {
    name: 'bitgibbs_store_horizon_draws',
    help: 'Draws that every chain has stored durably: what readers see.',
    samples: () => [[{}, status().drawsStored]],
  });
}

function addMoves(registry: Registry, status: () => RunStatus): void {
  sampledCounter(registry, {
    name: 'bitgibbs_moves_proposed_total',
    help: 'Moves proposed in audited sweeps, by move.',
    labels: ['move'],
    samples: () => {
      const { moves } = status();
      return [
        [{ move: 'flip' }, moves.flipsProposed],
        [{ move: 'row' }, moves.rowsProposed],
        [{ move: 'swap' }, moves.swapsProposed],
      ];
    },
  });
  sampledCounter(registry, {
    name: 'bitgibbs_moves_accepted_total',
    help: 'Moves accepted in audited sweeps, by move.',
    labels: ['move'],
    samples: () => {
      const { moves } = status();
      return [
        [{ move: 'flip' }, moves.flipsAccepted],
        [{ move: 'row' }, moves.rowsAccepted],
        [{ move: 'swap' }, moves.swapsAccepted],
      ];
    },
  });
  sampledCounter(registry, {
    name: 'bitgibbs_wrong_guesses_total',
    help: 'Guessed decisions that turned out otherwise, by move; each costs the rest of its window.',
    labels: ['move'],
    samples: () => {
      const { flips, swaps } = status().wrongGuesses;
      return [
        [{ move: 'flip' }, flips],
        [{ move: 'swap' }, swaps],
      ];
    },
  });
  sampledCounter(registry, {
    name: 'bitgibbs_message_bytes_total',
    help: 'Bytes of gRPC messages from (received) and to (sent) workers and clients, HTTP/2 framing left out.',
    labels: ['direction'],
    samples: () => {
      const { bytesReceived, bytesSent } = status();
      return [
        [{ direction: 'received' }, bytesReceived],
        [{ direction: 'sent' }, bytesSent],
      ];
    },
  });
}

function addChains(registry: Registry, status: () => RunStatus): void {
  const cap = `the first ${MAX_CHAIN_SERIES} chains only`;
  const shown = () => status().chains.slice(0, MAX_CHAIN_SERIES);
  sampledGauge(registry, {
    name: 'bitgibbs_chain_sweeps',
    help: `Audited sweeps of a chain, warm-up and earlier processes of the run included; ${cap}.`,
    labels: ['chain'],
    samples: () => shown().map(({ chain, sweep }) => [{ chain }, sweep] as const),
  });
  sampledGauge(registry, {
    name: 'bitgibbs_chain_lp_nats',
    help: `Log posterior (log-likelihood plus log prior, in nat) of a chain's last audited state; ${cap}.`,
    labels: ['chain'],
    samples: () => shown().flatMap(({ chain, lp }) => (lp === undefined ? [] : [[{ chain }, lp] as const])),
  });
  sampledGauge(registry, {
    name: 'bitgibbs_chain_beta_ratio',
    help: `Inverse temperature of a chain's next sweep, 1 while sampling; ${cap}.`,
    labels: ['chain'],
    samples: () => shown().map(({ chain, beta }) => [{ chain }, beta] as const),
  });
}
