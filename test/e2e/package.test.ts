/** The package as users get it: packed, installed in an empty project without optional parts, imported, typed, run. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratchFolder, succeed } from './support/cli.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const scratch = scratchFolder('package');
after(() => scratch.remove());

const PROGRAM = `
import { sample, type SampleOptions } from 'bitgibbs';
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2]!, 'utf8').trim().split('\\n').slice(1);
const rows = lines.slice(0, 500).map((line) => line.split(',').map(Number));
const options: SampleOptions = {
  x: rows.map((row) => row.slice(0, 25)),
  y: rows.map((row) => row[25]!),
  grid: { rows: 5, columns: 5 },
  ...{ chains: 2, draws: 40, warmup: 20, seed: 3 },
};
const result = await sample(options);
const summary = await result.summary();
console.log(await result.digest(), summary.lp.mean, result.draws);
`;

test('npm pack gives a package that works in an empty project, with the draws of the command line', async () => {
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch.path], { cwd: ROOT });
  const tarball = readdirSync(scratch.path).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(scratch.join('package.json'), '{ "name": "user", "private": true, "type": "module" }');
  const flags = ['--omit=optional', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...flags, `./${tarball}`], { cwd: scratch.path });
  writeFileSync(scratch.join('program.ts'), PROGRAM);
  const types = ['--types', 'node', '--typeRoots', `${ROOT}node_modules/@types`];
  const options = ['--strict', '--target', 'es2022', '--module', 'nodenext', ...types, 'program.ts'];
  await run(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, ...options], { cwd: scratch.path });
  const data = `${ROOT}data/mnist56/train.csv`;
  const { stdout } = await run(process.execPath, ['program.js', data], { cwd: scratch.path });
  const [digest, lp, draws] = stdout.trim().split(' ');
  assert.equal(draws, '40');
  assert(Number(lp) < 0);
  const out = scratch.join('serial');
  const layout = ['--chains', '2', '--draws', '40', '--warmup', '20', '--seed', '3', '--out', out];
  const cli = scratch.join('node_modules', '.bin', 'bitgibbs');
  await run(cli, ['serial', 'mnist56', '--images', '500', ...layout], { cwd: scratch.path });
  assert.equal((await succeed(['digest', out])).trim(), digest);
});
