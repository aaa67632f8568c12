// npm packages, exactly as package-lock.json says, without their install scripts.
import fs from 'node:fs';
import { Failure, hashFiles, inRoot, lastLines, patience, run, say, which, writeFile } from './util.mjs';

const stamp = inRoot('node_modules', '.bitgibbs', 'packages');
const inputs = ['package.json', 'package-lock.json'].map((name) => inRoot(name));

/** What the packages depend on: the two package files and the platform that optional packages were chosen for. */
export const packagesKey = () => `${hashFiles(inputs)} ${process.platform}-${process.arch}`;

export const packagesReady = () => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === packagesKey();

/** npm as a command and its first arguments: the npm that runs this script, else the one on the PATH. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return [process.execPath, [cli]];
  return [which('npm') ?? 'npm', []];
}

export async function installPackages() {
  if (packagesReady()) return;
  say('installing npm packages (npm ci --ignore-scripts)');
  const key = packagesKey();
  const [npm, first] = npmCommand();
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const result = await run(npm, [...first, ...args], { watch: patience('npm ci', 1800) });
  if (!result.ok) {
    throw new Failure(
      `npm ci did not work (${result.reason || `exit ${result.code}`}). Is the npm registry reachable, and is there disk space (about 1 GB)?\n` +
        `  Try by hand: npm ci --ignore-scripts\n${lastLines(result.out, 8)}`,
    );
  }
  writeFile(stamp, key);
}
