// Everything that a fresh clone needs. Each step looks first whether it is done; a second run only looks.
import { build, buildReady } from './build.mjs';
import { installPackages, packagesReady } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { inRoot, say } from './util.mjs';

export async function setup() {
  if (!packagesReady() || !buildReady()) {
    await withLock(inRoot('.setup.lock'), async () => {
      await installPackages();
      await build();
    });
  }
  say('ready');
}
