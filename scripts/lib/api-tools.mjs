// What tests of the client API use: buf, which lints the .proto files, and grpcurl, a client that knows nothing of this
// project. Pinned, and kept in the user's cache for other clones.
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, keep, withTemp } from './cache.mjs';
import { installBelow } from './dependencies.mjs';
import { Failure, hashFiles, inRoot, must, say, which } from './util.mjs';

/** Its binaries are packages of their own, chosen by platform; no install script is needed. */
const BUF = '@bufbuild/buf@1.75.0';
const GRPCURL = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3';

/** The folder with node_modules/.bin/buf and bin/grpcurl. */
export function apiTools() {
  const version = hashFiles([inRoot('scripts', 'lib', 'api-tools.mjs')]).slice(0, 12);
  return path.join(cacheFolder(), `api-tools-${version}`);
}

export const hasApiTools = () => fs.existsSync(apiTools());

/** @throws Failure */
export async function installApiTools() {
  if (!which('go')) throw new Failure('there is no Go (1.21 or newer)');
  say('fetching buf and building grpcurl');
  await withTemp(cacheFolder(), async (temp) => {
    const tools = path.join(temp, 'tools');
    await installBelow(tools, BUF);
    const env = { GOBIN: path.join(tools, 'bin'), GOFLAGS: '' };
    await must('go', ['install', GRPCURL], { limit: 1200, cwd: temp, env });
    keep(tools, apiTools());
  });
}
