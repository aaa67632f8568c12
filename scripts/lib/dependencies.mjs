// npm packages, exactly as package-lock.json says, without their install scripts.
import fs from 'node:fs';
import {
  Failure,
  hashFiles,
  inRoot,
  lastLines,
  must,
  patience,
  readJson,
  run,
  say,
  which,
  writeFile,
} from './util.mjs';

const stamp = inRoot('node_modules', '.bitgibbs', 'packages');

/** What the packages depend on: the lock file, and the platform that optional packages were chosen for. */
export const packagesKey = () =>
  `${hashFiles([inRoot('package-lock.json')])} ${process.platform}-${process.arch}`;

export const packagesReady = () => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === packagesKey();

/** True when an `npm install` by hand has left exactly what package-lock.json says. */
function installedByHand() {
  const wanted = readJson(inRoot('package-lock.json'))?.packages ?? {};
  const installed = readJson(inRoot('node_modules', '.package-lock.json'))?.packages;
  if (!installed) return false;
  const foreign = (entry) => entry.optional && (entry.os || entry.cpu); // for another platform, perhaps
  const asWanted = ([name, entry]) =>
    name === '' || foreign(entry) || installed[name]?.version === entry.version;
  return Object.entries(wanted).every(asWanted) && Object.keys(installed).every((name) => name in wanted);
}

/** npm as a command and its first arguments: the npm that runs this script, else the one on the PATH. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return [process.execPath, [cli]];
  return [which('npm') ?? 'npm', []];
}

/** Installs a package below a folder of its own, without its install scripts. @throws Failure */
export async function installBelow(folder, name) {
  fs.mkdirSync(folder, { recursive: true });
  const [npm, first] = npmCommand();
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await must(npm, [...first, 'install', '--prefix', folder, ...quiet, name], { limit: 600 });
}

export async function installPackages() {
  if (packagesReady()) return;
  if (installedByHand()) {
    writeFile(stamp, packagesKey());
    return;
  }
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
