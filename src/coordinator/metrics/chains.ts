/** Where each chain is. */
import type { Registry } from 'prom-client';
import { totalSweeps } from '../../sampler/run-plan.js';
import { sampledGauge } from '../../telemetry/registry.js';
import type { MetricSources } from './sources.js';

/** Chains beyond this have no series of their own: a scrape stays small. */
const MAX_CHAIN_SERIES = 64;

export function addChains(registry: Registry, { status, plan }: MetricSources): void {
  const cap = `the first ${MAX_CHAIN_SERIES} chains only`;
  const shown = () => status().chains.slice(0, MAX_CHAIN_SERIES);
  sampledGauge(registry, {
    name: 'bitgibbs_chain_sweeps',
    help: `Audited sweeps of a chain, warm-up and earlier processes of the run included; ${cap}.`,
    labels: ['chain'],
    samples: () => shown().map(({ chain, sweep }) => [{ chain }, sweep] as const),
  });
  sampledGauge(registry, {
    name: 'bitgibbs_chain_sweeps_wanted',
    help: 'Sweeps that each chain is to have, warm-up included; with a stop rule, at most.',
    samples: () => [[{}, totalSweeps(plan())]],
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
