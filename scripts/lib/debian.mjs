// Tools out of Debian packages, where this user may install them.
import { Failure, lastLines, patience, run, say, which } from './util.mjs';

/** @throws Failure */
export async function installDebian(packages, why) {
  if (!which('apt-get') || process.getuid?.() !== 0)
    throw new Failure('it is installed on Debian or Ubuntu by root only; one on the PATH is used as it is');
  say(`installing ${packages.join(', ')} for ${why}`);
  // Run level 1: a service that a package brings is not started.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const done = await run('apt-get', args, { env, watch: patience(`apt-get ${args[0]}`, 900) });
    if (!done.ok) throw new Failure(`apt-get ${args[0]} did not work:\n${lastLines(done.out, 4)}`);
  }
}
