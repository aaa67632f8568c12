// Python and its pip, where the machine has them.
import { spawnSync } from 'node:child_process';
import { which } from './util.mjs';

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;

/** A Python 3 command, or null. */
export function findPython() {
  const names = [process.env.PYTHON, 'python3', 'python'].filter(Boolean);
  return (
    names.find(
      (name) => which(name) && works(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 7))']),
    ) ?? null
  );
}

/** pip as a command and its first arguments, or null. */
export function findPip() {
  const python = findPython();
  if (python && works(python, ['-m', 'pip', '--version'])) return [python, ['-m', 'pip']];
  const name = ['pip3', 'pip'].find((command) => which(command) && works(command, ['--version']));
  return name ? [name, []] : null;
}

/** Options of every pip call; a user's own pip settings (index, proxy, certificates) stay in force. */
export const pipOptions = [
  '--no-cache-dir',
  '--progress-bar',
  'off',
  '--disable-pip-version-check',
  '--timeout',
  '20',
  '--retries',
  '2',
];
export const pipEnv = { PIP_REQUIRE_VIRTUALENV: '0', PIP_NO_INPUT: '1' };
