/** The commands that talk to a coordinator about its run. What they do is in commands/, loaded when it is needed. */
import type { Command } from 'commander';
import { addAll, flag } from './flags/flag.js';
import { MOST_DRAWS } from './flags/groups.js';
import { pullFlags } from './flags/pull.js';
import { clientSecurityFlags } from './flags/security.js';
import { hostPort, whole } from './flags/values.js';

const ADDRESS = '<host:port>';
const ADDRESS_HELP = 'address of the coordinator';

function addPull(program: Command): Command {
  const pull = program.command('pull');
  pull.summary('stream the draws of a run as they come');
  pull.description(
    'Streams draws as lines of JSON: first the run (K, D, chains, ..), then a line a draw, where "w" is the base64 of ' +
      'the weights, one bit each, least significant first, index j K + k.',
  );
  pull.addOption(flag('--coordinator <host:port>', ADDRESS_HELP, hostPort).makeOptionMandatory());
  addAll(pull, pullFlags());
  return pull.action(async (options) => (await import('./commands/pull.js')).pull(options));
}

function addStatus(program: Command): Command {
  const status = program.command('status').argument(ADDRESS, ADDRESS_HELP, hostPort);
  status.summary('how a run stands, on one screen');
  status.description('Prints phase, rates, chains and workers of the run that a coordinator serves.');
  status.addOption(flag('--json', 'one line of JSON'));
  return status.action(async (address: string, options) =>
    (await import('./commands/status.js')).status(address, options),
  );
}

function addWatch(program: Command): Command {
  const watch = program.command('watch').argument(ADDRESS, ADDRESS_HELP, hostPort);
  watch.summary('watch a run live, until it ends');
  watch.description(
    'Shows how a run stands, over and over, and above it what happens: workers, warm-up, its end.',
  );
  return watch.action(async (address: string, options) =>
    (await import('./commands/watch.js')).watch(address, options),
  );
}

function addExtend(program: Command): Command {
  const extend = program.command('extend').argument(ADDRESS, ADDRESS_HELP, hostPort);
  extend.summary('raise the number of draws of a run that has not ended');
  extend.description('Raises the number of draws; draws that are there do not change.');
  extend.addOption(flag('--draws <M>', 'draws a chain', whole(1, MOST_DRAWS)).makeOptionMandatory());
  return extend.action(async (address: string, options) =>
    (await import('./commands/steer.js')).extend(address, options),
  );
}

function addStop(program: Command): Command {
  const stop = program.command('stop').argument(ADDRESS, ADDRESS_HELP, hostPort);
  stop.summary('end a run at the next sweep boundary');
  stop.description(
    'Ends a run. It can go on later with --resume, unless --finish says that it has what it is to have.',
  );
  stop.addOption(flag('--finish', 'the run counts as finished with the draws it has'));
  return stop.action(async (address: string, options) =>
    (await import('./commands/steer.js')).stop(address, options),
  );
}

export function addClientCommands(program: Command): void {
  for (const add of [addPull, addStatus, addWatch, addExtend, addStop]) {
    addAll(add(program).optionsGroup('Security:'), clientSecurityFlags());
  }
}
