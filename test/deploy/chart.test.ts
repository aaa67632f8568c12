/** The Helm chart: linted, rendered, held against the schemas of Kubernetes, and its commands run. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { scratchFolder } from '../e2e/support/cli.js';
import { Authority } from '../support/authority.js';
import { chartTool, documentsOf, inProject, output, without } from './support/parts.js';
import { writeSchemas } from './support/schemas.js';

const CHART = 'deploy/helm/bitgibbs';
const FULL = ['--values', `${CHART}/ci/full-values.yaml`];
const skip = without('chart-tools');
const helm = chartTool('bin', 'helm');
const KINDS = ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy'].concat(
  ...['PodDisruptionBudget', 'Service', 'StatefulSet'],
);

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
}
interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
}
interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: PodSpec } };
  readonly data: Readonly<Record<string, string>>;
}

const scratch = scratchFolder('chart');
after(() => scratch.remove());

const render = (...args: string[]): string => output(helm, ['template', 'mine', CHART, ...args]);
const resources = documentsOf<Resource>;
const named = (text: string, kind: string, part: RegExp): Resource =>
  resources(text).find((found) => found.kind === kind && part.test(found.metadata.name))!;

describe('the chart', { skip }, () => {
  let location: string;
  before(() => (location = writeSchemas(chartTool('schemas'), scratch.join('schemas'), KINDS)));

  const conform = (manifests: string) => {
    const { stdout, stderr } = spawnSync(
      chartTool('bin', 'kubeconform'),
      ['-strict', '-output', 'json', '-summary', '-schema-location', location, '-'],
      { input: manifests, encoding: 'utf8' },
    );
    assert.equal(stderr, '');
    return JSON.parse(stdout) as {
      resources: { name: string; kind: string; msg: string }[];
      summary: { valid: number; invalid: number; errors: number; skipped: number };
    };
  };

  test('is linted, with default values and with everything on', () => {
    output(helm, ['lint', '--strict', CHART]);
    output(helm, ['lint', '--strict', CHART, ...FULL]);
  });

  for (const [name, args] of [
    ['default', []],
    ['full', FULL],
  ] as const) {
    test(`with ${name} values is what Kubernetes takes`, () => {
      const text = render(...args);
      const { resources: bad, summary } = conform(text);
      assert.deepEqual(bad, []);
      const count = resources(text).length;
      assert.deepEqual(summary, { valid: count, invalid: 0, errors: 0, skipped: 0 });
    });
  }

  test('would be refused with a field that Kubernetes does not know', () => {
    const text = render(...FULL);
    for (const [right, wrong] of [
      ['replicas: 1', 'replica: 1'],
      ['runAsNonRoot: true', 'runAsNonRoot: "yes"'],
      ['isCA: true', 'isca: true'],
      ['port: metrics\n      interval: 10s', 'port: metrics\n      intervall: 10s'],
    ] as const) {
      assert.ok(text.includes(right), right);
      assert.ok(conform(text.replace(right, wrong)).summary.invalid >= 1, wrong);
    }
  });

  test('refuses values that make no sense, and says which', () => {
    for (const [args, said] of [
      ['workers.count=-1', /workers\/count/],
      ['workers.gracePeriodSeconds=5', /workers\/gracePeriodSeconds/],
      ['workers.cuont=3', /cuont/],
      ['run.data=null', /run/],
      ['run.out=/elsewhere', /run/],
      ['coordinator.storage.size=lots', /coordinator\/storage\/size/],
      ['workers.disruptionBudget.maxUnavailable=0', /maxUnavailable/],
      ['tls.enabled=true', /coordinatorSecret/],
    ] as const) {
      assert.throws(() => render('--set', args), said, args);
    }
    render('--set', 'tls.enabled=true,tls.coordinatorSecret=a,tls.workerSecret=b');
  });

  test('runs its pods without rights', () => {
    for (const kind of ['StatefulSet', 'Deployment']) {
      const { spec } = named(render(...FULL), kind, /./).spec.template;
      assert.equal(spec.automountServiceAccountToken, false);
      assert.equal(spec.securityContext['runAsNonRoot'], true);
      const [{ securityContext, resources: asked }] = spec.containers;
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      assert.ok(asked.limits['memory']);
    }
  });

  test('sets variables that are flags of the commands', () => {
    for (const args of [[], FULL]) {
      for (const [kind, command] of [
        ['StatefulSet', 'coordinator'],
        ['Deployment', 'worker'],
      ] as const) {
        const [{ env }] = named(render(...args), kind, /./).spec.template.spec.containers;
        const help = output(process.execPath, [inProject('build/src/cli/main.js'), command, '--help']);
        const ours = env.map(({ name }) => name).filter((name) => name.startsWith('BITGIBBS_'));
        assert.deepEqual(
          ours.filter((name) => !help.includes(name)),
          [],
        );
      }
    }
  });

  test('carries the alerts and the dashboard whole', () => {
    const text = render(...FULL);
    const file = (name: string) => readFileSync(inProject(CHART, 'files', name), 'utf8');
    assert.deepEqual(named(text, 'PrometheusRule', /./).spec, parse(file('rules.yml')));
    const { data } = named(text, 'ConfigMap', /dashboard/);
    assert.deepEqual(JSON.parse(data['bitgibbs.json']!), JSON.parse(file('dashboard.json')));
  });
});

/** What containers would be, as processes: the pods' commands and variables, on loopback and in a folder. */
class Pods {
  readonly #children: ChildProcess[] = [];

  constructor(private readonly text: string) {
    mkdirSync(scratch.join('bin'), { recursive: true });
    const main = inProject('build', 'src', 'cli', 'main.js');
    const bitgibbs = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
    writeFileSync(scratch.join('bin', 'bitgibbs'), bitgibbs, { mode: 0o755 });
    symlinkSync(inProject('deploy', 'image', 'coordinator.sh'), scratch.join('bin', 'bitgibbs-coordinator'));
  }

  /** @param changes of variables; paths of volumes are moved to the scratch folder */
  start(kind: string, changes: Readonly<Record<string, string>>): { said(pattern: RegExp): Promise<string> } {
    const [{ command, args, env }] = named(this.text, kind, /./).spec.template.spec.containers;
    const moved = (path: string) =>
      path
        .replace(/^\/(data|etc\/bitgibbs\/run)/, `${scratch.path}/$1`)
        .replace(/^\/etc\/bitgibbs\/tls/, scratch.join(kind));
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, moved(value)]));
    const child = spawn(command[0]!, args.map(moved), {
      env: { ...variables, ...changes, PATH: `${scratch.join('bin')}:${process.env['PATH']}` },
    });
    this.#children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
    const said = async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found[1] ?? found[0];
        if (child.exitCode !== null) throw new Error(`${kind} never said ${pattern}: ${text}`);
        await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data'), once(child, 'close')]);
      }
    };
    return { said };
  }

  async stop(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

/** The secret of a pod, as cert-manager fills it. */
async function secretOf(authority: Authority, kind: string, role: string): Promise<void> {
  const { cert, key } = await authority.sign(kind, { uris: [`bitgibbs://${role}`] });
  mkdirSync(scratch.join(kind));
  copyFileSync(authority.ca, scratch.join(kind, 'ca.crt'));
  copyFileSync(cert, scratch.join(kind, 'tls.crt'));
  copyFileSync(key, scratch.join(kind, 'tls.key'));
}

test("the pods' commands sample, and go on after the coordinator was killed", { skip }, async (t) => {
  const run = 'run.data=mnist56,run.draws=1000000,workers.count=1,run.shards=1';
  const text = render('--set', `${run},tls.enabled=true,tls.coordinatorSecret=a,tls.workerSecret=b`);
  const authority = await Authority.found(scratch.path);
  await secretOf(authority, 'StatefulSet', 'coordinator');
  await secretOf(authority, 'Deployment', 'worker');
  const { data } = named(text, 'ConfigMap', /run/);
  mkdirSync(scratch.join('data'));
  mkdirSync(scratch.join('etc', 'bitgibbs', 'run'), { recursive: true });
  writeFileSync(join(scratch.path, 'etc/bitgibbs/run/run.yaml'), data['run.yaml']!);
  assert.deepEqual(parse(data['run.yaml']!), { data: 'mnist56', chains: 4, draws: 1e6, shards: 1 });
  const local = {
    BITGIBBS_LOG_FORMAT: 'pretty',
    BITGIBBS_METRICS_HOST: '127.0.0.1',
    BITGIBBS_METRICS_PORT: '0',
  };
  const pods = new Pods(text);
  t.after(() => pods.stop());
  const runTo = async (): Promise<number> => {
    const coordinator = pods.start('StatefulSet', { ...local, BITGIBBS_LISTEN: '127.0.0.1:0' });
    const address = await coordinator.said(/serving workers and clients at (\S+)/);
    const metrics = await coordinator.said(/metrics at (\S+)/);
    pods.start('Deployment', { ...local, BITGIBBS_COORDINATOR: address });
    for (;;) {
      const scraped = await (await fetch(metrics)).text();
      const stored = Number(/^bitgibbs_store_horizon_draws (\d+)/m.exec(scraped)?.[1]);
      if (stored > 0) return stored;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const first = await runTo();
  await pods.stop();
  assert.ok((await runTo()) >= first);
});
