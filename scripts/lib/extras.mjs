// Tools beyond Node that some tests use. With CI=true, or `npm run setup -- --extras`, set-up installs what is missing;
// otherwise an extra is used where it is present, and tests that need an absent one are left out.
import { hasApiTools, installApiTools } from './api-tools.mjs';
import { hasChartTools, installChartTools } from './chart-tools.mjs';
import { installDebian } from './debian.mjs';
import { hasNewerNode, installNewerNode } from './newer-node.mjs';
import { installJags, jagsPresent } from './peers.mjs';
import { Failure, inRoot, say, which } from './util.mjs';
import { makeVenv, venvPythonIn, venvReady } from './venv.mjs';

const requirements = inRoot('scripts', 'requirements.txt');
const venv = inRoot('.venv');
export const venvPython = venvPythonIn(venv);

async function installVenv() {
  say('making a Python environment in .venv for the tests that read results with Python');
  await makeVenv(venv, requirements);
}

/** A Chromium to look at pages with, or null. */
export const findChromium = () =>
  ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'].map(which).find(Boolean) ?? null;

const findPrometheus = () => ['prometheus', 'promtool'].every(which);

/** Each extra: its name (tests ask for it by that name), what it needs, whether it is there, how to install it. */
const extras = [
  {
    name: 'python-venv',
    needs: 'Python 3.11 or newer with venv, and the Python package registry',
    present: () => venvReady(venv, requirements),
    install: installVenv,
  },
  {
    name: 'chromium',
    needs: 'Debian or Ubuntu, root, and the package registry (or a Chromium on the PATH)',
    present: () => findChromium() !== null,
    install: () => installDebian(['chromium', 'fonts-dejavu-core'], 'the tests that look at pages'),
  },
  {
    name: 'prometheus',
    needs: 'Debian or Ubuntu, root, and the package registry (or prometheus and promtool on the PATH)',
    present: findPrometheus,
    install: () => installDebian(['prometheus'], 'the tests of metrics and alerts'),
  },
  {
    name: 'jags',
    needs: 'Debian or Ubuntu, root, and the package registry (or a jags on the PATH)',
    present: jagsPresent,
    install: installJags,
  },
  {
    name: 'chart-tools',
    needs: 'Linux on x64, Go 1.24 or newer, Python 3, and the registries of npm and Go',
    present: hasChartTools,
    install: installChartTools,
  },
  {
    name: 'api-tools',
    needs: 'Go 1.21 or newer, and the registries of npm and Go',
    present: hasApiTools,
    install: installApiTools,
  },
  {
    name: 'newer-node',
    needs: 'Linux on x64 or arm64, and the npm registry',
    present: hasNewerNode,
    install: installNewerNode,
  },
];

export const extrasReady = () => extras.every((extra) => extra.present());

export async function installExtras() {
  for (const extra of extras) {
    if (extra.present()) continue;
    try {
      await extra.install();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(`WARNING: ${extra.name} could not be installed: ${error.message}`);
    }
  }
}

/** What each extra's state is: {name, ok, why}. */
export const extraStates = () =>
  extras.map(({ name, needs, present }) => ({
    name,
    ok: present(),
    why: `not installed; \`npm run setup -- --extras\` does it, given ${needs}`,
  }));
