/** Is it fast, and what does it cost: sweeps, draws, rounds, moves, bytes. */
import type { Registry } from 'prom-client';
import { sampledCounter, sampledGauge } from '../../telemetry/registry.js';
import type { RunStatus } from '../status.js';
import type { MetricSources } from './sources.js';

export function addWork(registry: Registry, { status, plan }: MetricSources): void {
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
  sampledGauge(registry, {
    name: 'bitgibbs_draws_wanted',
    help: 'Draws that the run is to have, all chains together; with a stop rule, at most.',
    samples: () => [[{}, plan().draws * plan().chains]],
  });
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
  addMoves(registry, status);
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
}
