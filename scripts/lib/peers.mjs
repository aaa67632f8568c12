// What `npm run compare` runs beside bitgibbs: JAGS from Debian, PyMC and NumPyro each in a virtual environment.
import { installDebian } from './debian.mjs';
import { makeVenv, venvPythonIn, venvReady } from './venv.mjs';
import { inRoot, say, which } from './util.mjs';

export const jagsPresent = () => which('jags') !== null;

export const installJags = () => installDebian(['jags'], 'comparisons with it');

/** Installs a peer where it is missing; names that are none are left to the program that runs it. */
export async function installPeer(name) {
  if (name === 'jags' && !jagsPresent()) await installJags();
  if (name !== 'pymc' && name !== 'numpyro') return;
  const folder = inRoot(`.venv-${name}`);
  const requirements = inRoot('scripts', `requirements-${name}.txt`);
  if (!venvReady(folder, requirements)) {
    say(`making a Python environment in .venv-${name}`);
    await makeVenv(folder, requirements);
  }
  process.env.BITGIBBS_COMPARE_PYTHON = venvPythonIn(folder);
}
