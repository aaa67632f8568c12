/**
 * The Helm chart on a real Kubernetes API server: it is installed, upgraded and removed, with server-side validation and
 * admission. There are no nodes, so nothing of it runs here.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { scratchFolder } from '../e2e/support/cli.js';
import { chartTool, documentsOf, inProject } from '../deploy/support/parts.js';
import { ControlPlane, type Said } from './support/control-plane.js';

const CHART = inProject('deploy', 'helm', 'bitgibbs');
const FULL = ['--values', join(CHART, 'ci', 'full-values.yaml')];
const KINDS = 'statefulsets,deployments,services,configmaps,networkpolicies,poddisruptionbudgets';
const CUSTOM = 'horizontalpodautoscalers,servicemonitors,prometheusrules,certificates,issuers';

const scratch = scratchFolder('cluster');
let plane: ControlPlane;

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly spec: { readonly volumes?: readonly object[] } };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const helm = (...args: string[]): Said =>
  spawnSync(chartTool('bin', 'helm'), args, {
    ...{ encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, KUBECONFIG: plane.kubeconfig } },
  });

function worked({ status, stdout, stderr }: Said): string {
  assert.equal(status, 0, `${stderr}${stdout}`);
  return stdout;
}

/** What the server has of a release, by kind and name; not what the server itself puts into each namespace. */
function objects(namespace: string, kinds = `${KINDS},${CUSTOM}`): Resource[] {
  const found = worked(plane.kubectl(['get', kinds, '--namespace', namespace, '--output', 'json']));
  const { items } = JSON.parse(found) as { items: Resource[] };
  return items.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'bitgibbs');
}

const names = (resources: readonly Resource[]): string[] =>
  resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

/** What the chart says it is made of. */
function rendered(...args: string[]): Resource[] {
  return documentsOf<Resource>(worked(helm('template', 'mine', CHART, ...args)));
}

/** The pod that a controller makes of a template, with the volumes that it claims. */
function podOf({ spec }: Resource): object {
  const claimed = (spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    ...{ name, persistentVolumeClaim: { claimName: name } },
  }));
  return { ...spec.template.spec, volumes: [...(spec.template.spec.volumes ?? []), ...claimed] };
}

function namespaceOf(name: string): string {
  worked(plane.kubectl(['create', 'namespace', name]));
  // Pods that want more rights than these are refused.
  worked(plane.kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted']));
  return name;
}

before(async () => {
  plane = await ControlPlane.start(scratch.join('plane'));
  const schemas = chartTool('schemas');
  for (const file of readdirSync(schemas).filter((name) => name.endsWith('.yaml'))) {
    worked(plane.kubectl(['apply', '--server-side', '--filename', join(schemas, file)]));
  }
  const served = plane.kubectl(['wait', '--for=condition=established', 'crd', '--all', '--timeout=60s']);
  worked(served);
});
after(async () => {
  await plane?.stop();
  scratch.remove();
});

describe('the chart on a Kubernetes API server', () => {
  for (const [name, args] of [
    ['default', []],
    ['full', FULL],
  ] as const) {
    test(`with ${name} values is installed, upgraded and removed`, () => {
      const namespace = namespaceOf(`values-${name}`);
      const where = ['--namespace', namespace, '--server-side=true'];
      const told = worked(helm('install', 'mine', CHART, ...args, ...where));
      assert.match(told, /STATUS: deployed/);
      assert.deepEqual(names(objects(namespace)), names(rendered(...args)));

      const more = ['--set', 'workers.autoscaling.enabled=false,workers.count=7'];
      worked(helm('upgrade', 'mine', CHART, ...args, ...more, ...where));
      const [workers] = objects(namespace, 'deployments');
      assert.equal(workers?.spec.replicas, 7);

      worked(helm('uninstall', 'mine', '--namespace', namespace));
      assert.deepEqual(objects(namespace), []);
    });

    test(`with ${name} values has pods that a restricted namespace takes`, () => {
      const namespace = namespaceOf(`pods-${name}`);
      const templates = rendered(...args).filter(({ spec }) => spec?.template?.spec);
      assert.equal(templates.length, 2);
      for (const template of templates) {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: template.kind.toLowerCase(), namespace },
        };
        const create = (podSpec: object): Said =>
          plane.kubectl(
            ['create', '--validate=strict', '--dry-run=server', '--filename', '-'],
            JSON.stringify({ ...pod, spec: podSpec }),
          );
        worked(create(podOf(template)));
        const rooted = create({ ...podOf(template), hostNetwork: true });
        assert.match(rooted.stderr, /violates PodSecurity "restricted:latest": .*hostNetwork/);
      }
    });
  }

  test('would be refused with a field that the server does not know, or a value that it does not take', () => {
    const namespace = namespaceOf('mutants');
    const text = worked(helm('template', 'mine', CHART, ...FULL));
    const apply = (manifests: string): Said =>
      plane.kubectl(
        [
          ...['apply', '--server-side', '--validate=strict', '--dry-run=server'],
          ...['--namespace', namespace, '--filename', '-'],
        ],
        manifests,
      );
    worked(apply(text));
    for (const [right, wrong, said] of [
      ['runAsNonRoot: true', 'runAsNonroot: true', /unknown field|field not declared in schema/],
      ['storage: 200Gi', 'storage: lots', /quantit/],
      ['interval: 10s', 'interval: soon', /should match|Invalid value/],
      ['maxUnavailable: 25%', 'maxUnavailable: some', /Invalid value/],
    ] as const) {
      assert.ok(text.includes(right), right);
      const { status, stderr } = apply(text.replace(right, wrong));
      assert.notEqual(status, 0, wrong);
      assert.match(stderr, said, wrong);
    }
  });

  test('does not let the volume of a coordinator be changed in place', () => {
    const namespace = namespaceOf('immutable');
    worked(helm('install', 'mine', CHART, '--namespace', namespace));
    const grown = helm(
      'upgrade',
      'mine',
      CHART,
      '--set',
      'coordinator.storage.size=11Gi',
      '--namespace',
      namespace,
    );
    assert.notEqual(grown.status, 0);
    assert.match(grown.stderr, /updates to statefulset spec for fields other than .* are forbidden/);
  });
});
