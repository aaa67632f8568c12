/** A real Prometheus reads a real run: its metrics, the alerts, and every panel of the dashboard. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from '../../deploy/grafana/dashboard.js';
import { scratchFolder, start, type RunningCli } from '../e2e/support/cli.js';
import { chartTool, inProject, output, without } from './support/parts.js';
import { Prometheus } from './support/prometheus.js';

const skip = without('prometheus');
const DASHBOARD = inProject('deploy', 'helm', 'bitgibbs', 'files', 'dashboard.json');
const METRICS = /metrics at http:\/\/(\S+)\/metrics/;

interface Query {
  readonly panel: string;
  readonly expr: string;
}

function queriesOf({ panels = [] }: Dashboard): Query[] {
  return panels
    .filter((panel): panel is Panel => panel.type !== 'row')
    .flatMap(({ title, targets = [] }) =>
      targets.map((target) => ({ panel: title!, expr: (target as unknown as { expr: string }).expr })),
    );
}

/** As Grafana fills them in. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$run', 'local').replaceAll('$__rate_interval', '10s');

test('the dashboard file is what the builders make', () => {
  const written = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
  assert.deepEqual(written, JSON.parse(JSON.stringify(dashboard())));
  const ids = written.panels!.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test(
  'the dashboard is what Grafana takes, and would not be with a field that it does not know',
  { skip: without('chart-tools') },
  () => {
    const text = readFileSync(DASHBOARD, 'utf8');
    const check = (json: string): string => output(chartTool('bin', 'dashboard-check'), [], json);
    assert.equal(check(text), '');
    for (const [right, wrong, said] of [
      ['"fieldConfig"', '"fieldConfigs"', /panels\[\d+\]\.Panel: unexpected field 'fieldConfigs'/],
      ['"expr"', '"query"', /targets\[0\]\.expr: required field is missing/],
      ['"schemaVersion": ', '"schemaVersion": "x", "was": ', /schemaVersion/],
    ] as const) {
      assert.ok(text.includes(right), right);
      assert.throws(() => check(text.replace(right, wrong)), said);
    }
  },
);

function cliOf(t: TestContext, args: readonly string[]): RunningCli {
  const running = start([...args, '--metrics-port', '0'], { seconds: 300 });
  t.after(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  return running;
}

/** A run of two workers over both of which its chains are spread. */
async function runOf(t: TestContext, out: string): Promise<Record<string, string[]>> {
  const coordinator = cliOf(t, [
    ...['coordinator', 'mnist56', '--listen', '127.0.0.1:0', '--out', out, '--workers', '2'],
    ...['--shards', '2', '--chains', '4', '--warmup', '20', '--draws', '1000000'],
  ]);
  const [, address] = await coordinator.said(/serving workers and clients at (\S+)/);
  const [, own] = await coordinator.said(METRICS);
  const workers = [1, 2].map(() => cliOf(t, ['worker', '--coordinator', address!, '--kernel', 'wasm']));
  const theirs = await Promise.all(workers.map(async (worker) => (await worker.said(METRICS))[1]!));
  return { 'bitgibbs-coordinator': [own!], 'bitgibbs-worker': theirs };
}

/** Asks until each query has numbers to show; those that have none after a minute. */
async function withoutData(prometheus: Prometheus, queries: readonly Query[]): Promise<Query[]> {
  let open = [...queries];
  for (let tries = 0; tries < 60 && open.length > 0; tries++) {
    await sleep(1_000);
    const found = await Promise.all(open.map(({ expr }) => prometheus.query(filledIn(expr))));
    open = open.filter((_, i) => !found[i]!.some(({ value }) => Number.isFinite(Number(value[1]))));
  }
  return open;
}

test('every panel has data on a real run, and no alert is near', { skip }, async (t) => {
  const scratch = scratchFolder('prometheus');
  t.after(() => scratch.remove());
  const targets = await runOf(t, scratch.join('run'));
  const prometheus = await Prometheus.start(t, scratch.path, targets);
  assert.deepEqual(await withoutData(prometheus, queriesOf(dashboard())), []);

  const up = await prometheus.query('sum by (job) (up)');
  assert.deepEqual(Object.fromEntries(up.map(({ metric, value }) => [metric['job'], value[1]])), {
    'bitgibbs-coordinator': '1',
    'bitgibbs-worker': '2',
  });
  const { groups } = await prometheus.get<{
    groups: { rules: { name: string; health: string; state: string }[] }[];
  }>('rules');
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length > 10);
  // The disk of the machine that tests is what it is.
  const bad = rules.filter(
    ({ name, health, state }) => health !== 'ok' || (state !== 'inactive' && !name.includes('Disk')),
  );
  assert.deepEqual(bad, []);
  for (const address of Object.values(targets).flat()) {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    // Names, types and helps as Prometheus wants them.
    assert.equal(output('promtool', ['check', 'metrics'], text), '');
  }
});
