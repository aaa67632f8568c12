/** A process's own metrics registry: nothing global, so that tests can run several processes' worth in one. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';

export interface BuildFacts {
  readonly version: string;
  readonly protocolVersion: number;
  readonly streamVersion: number;
  /** coordinator or worker */
  readonly role: string;
}

/** Where a counter's or a gauge's values are read when it is scraped: one a label set. */
type Sampled = Iterable<readonly [labels: Record<string, string | number>, value: number]>;
export type Samples = () => Sampled | Promise<Sampled>;

/** Gauges of prom-client that are named like counters; the same by type are there beside them. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/** A registry with the process's default metrics and its build. */
export function makeRegistry(build: BuildFacts): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const labels = ['version', 'protocol_version', 'stream_version', 'role', 'node_version'];
  new Gauge({
    name: 'bitgibbs_build_info',
    help: 'Always 1; the labels tell the version of the package, of the wire protocol and of the random stream.',
    labelNames: labels,
    registers: [registry],
  }).set(
    {
      version: build.version,
      protocol_version: build.protocolVersion,
      stream_version: build.streamVersion,
      role: build.role,
      node_version: process.version,
    },
    1,
  );
  return registry;
}

export interface SampledSpec {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly samples: Samples;
}

/** Puts the sampled values in place of those of the last scrape. */
async function refill<Labels extends string>(
  metric: Gauge<Labels> | Counter<Labels>,
  { labels = [], samples }: SampledSpec,
): Promise<void> {
  const sampled = await samples();
  metric.reset();
  // A reset leaves a metric without labels at 0, which would be told where nothing is known.
  if (labels.length === 0) metric.remove();
  for (const [values, value] of sampled) metric.inc(values as never, value);
}

/** A gauge whose values are read when it is scraped. */
export function sampledGauge(registry: Registry, spec: SampledSpec): void {
  const { name, help, labels = [] } = spec;
  new Gauge({
    ...{ name, help, labelNames: [...labels], registers: [registry] },
    collect() {
      return refill(this, spec);
    },
  });
}

/** A counter whose totals are kept elsewhere and read when it is scraped. */
export function sampledCounter(registry: Registry, spec: SampledSpec): void {
  const { name, help, labels = [] } = spec;
  new Counter({
    ...{ name, help, labelNames: [...labels], registers: [registry] },
    collect() {
      return refill(this, spec);
    },
  });
}
