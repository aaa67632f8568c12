// A Node that is newer than the least one that is served: what goes between processes is tested on it too. Pinned, and
// kept in the user's cache for other clones.
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, keep, withTemp } from './cache.mjs';
import { installBelow } from './dependencies.mjs';
import { Failure, say } from './util.mjs';

const VERSION = '24.21.0';
/** Its binary is a package of its own; no install script is needed. */
const PACKAGE = `node-linux-${process.arch}`;

const folder = () => path.join(cacheFolder(), `node-${VERSION}`);

/** Path of its binary. */
export const newerNode = () => path.join(folder(), 'node_modules', PACKAGE, 'bin', 'node');

export const hasNewerNode = () => fs.existsSync(newerNode());

/** @throws Failure */
export async function installNewerNode() {
  if (process.platform !== 'linux') throw new Failure('it is fetched for Linux only');
  say(`fetching Node ${VERSION}`);
  await withTemp(cacheFolder(), async (temp) => {
    const stage = path.join(temp, 'node');
    await installBelow(stage, `${PACKAGE}@${VERSION}`);
    keep(stage, folder());
  });
}
