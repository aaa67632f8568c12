/** JAGS: the model in its own language, run by its command line program; draws come back as CODA files. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Draws, PeerSettings, Sampled } from '../draws.js';
import { denseBits, type Problem } from '../problem.js';

const run = promisify(execFile);

const TWO_CLASSES = `model {
  for (n in 1:N) {
    logit(p[n]) <- inprod(x[n,], w[,2]) - inprod(x[n,], w[,1])
    y[n] ~ dbern(p[n])
  }
  for (j in 1:D) { for (k in 1:2) { w[j,k] ~ dbern(pi) } }
}
`;

/** R writes arrays with the first index running fastest. */
function dump(name: string, values: ArrayLike<number>, rows: number, columns: number): string {
  const inOrder = Array.from(
    { length: rows * columns },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)],
  );
  return `"${name}" <- structure(c(${inOrder.join(',')}), .Dim=c(${rows},${columns}))\n`;
}

function dataText(problem: Problem): string {
  const { rows, model, pi } = problem;
  const y = Array.from(rows.labels).join(',');
  const sizes = `"N" <- ${rows.count}\n"D" <- ${model.features}\n"pi" <- ${pi}\n`;
  return `${sizes}"y" <- c(${y})\n${dump('x', denseBits(problem), rows.count, model.features)}`;
}

/** Where a chain begins, and its own random numbers. */
function startText({ model }: Problem, start: Uint8Array, seed: number): string {
  const generator = `".RNG.name" <- "base::Mersenne-Twister"\n".RNG.seed" <- ${seed}\n`;
  return generator + dump('w', start, model.features, model.classes);
}

/** Seconds of the program's own CPU time. @throws when it fails, with what it said */
async function jags(folder: string, lines: readonly string[]): Promise<number> {
  await writeFile(join(folder, 'script'), [...lines, 'exit', ''].join('\n'));
  const timed = ['-c', 'TIMEFORMAT="%U %S"; time jags script 2>&1'];
  const { stdout, stderr } = await run('bash', timed, { cwd: folder, maxBuffer: 2 ** 26 });
  if (/error|failed|can't|cannot/i.test(stdout)) throw new Error(`JAGS said: ${stdout.slice(-600)}`);
  const [user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return user! + system!;
}

/** The draws of one chain from its CODA file; nodes lie one after the other, as the index says. */
function chainOf(index: string, values: string, { model }: Problem, draws: number): Uint8Array {
  const weights = model.features * model.classes;
  const chain = new Uint8Array(draws * weights);
  const lines = values.split('\n');
  for (const line of index.trim().split('\n')) {
    const [, j, k, from] = /^w\[(\d+),(\d+)\] (\d+) \d+$/.exec(line)!.map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const weight = (j - 1) * model.classes + k - 1;
    for (let t = 0; t < draws; t++) {
      chain[t * weights + weight] = Number(lines[from - 1 + t]!.trim().split(/\s+/)[1]);
    }
  }
  return chain;
}

async function readDraws(folder: string, problem: Problem, { starts, draws }: PeerSettings): Promise<Draws> {
  const index = await readFile(join(folder, 'outindex.txt'), 'utf8');
  const read = (chain: number): Promise<string> => readFile(join(folder, `outchain${chain + 1}.txt`), 'utf8');
  const all: Uint8Array[] = [];
  for (const chain of starts.keys()) all.push(chainOf(index, await read(chain), problem, draws));
  return { chains: all, weights: problem.model.features * problem.model.classes };
}

async function versionOf(): Promise<string> {
  const { stdout } = await run('bash', [
    '-c',
    'jags --version 2>&1 || true; echo exit | jags 2>&1 | head -1',
  ]);
  return /JAGS (?:version )?\d[\d.]*/.exec(stdout)?.[0].replace('version ', '') ?? 'JAGS';
}

/** The share of a run that is timed alone: nothing is kept, so that its cost is that of sweeps. */
const TIMED_SHARE = 0.1;

/** Samples a problem of two classes, every sweep a draw. @throws when JAGS fails */
export async function sampleJags(problem: Problem, settings: PeerSettings): Promise<Sampled> {
  const { starts, draws, seed } = settings;
  if (problem.model.classes !== 2) throw new RangeError('the JAGS model here is for two classes');
  const folder = await mkdtemp(join(tmpdir(), 'bitgibbs-jags-'));
  try {
    await writeFile(join(folder, 'model'), TWO_CLASSES);
    await writeFile(join(folder, 'data'), dataText(problem));
    for (const [chain, start] of starts.entries()) {
      await writeFile(join(folder, `start${chain}`), startText(problem, start, 1 + 1000 * seed + chain));
    }
    const begin = [
      ...['model in "model"', 'data in "data"', `compile, nchains(${starts.length})`],
      ...Array.from(starts.keys(), (chain) => `parameters in "start${chain}", chain(${chain + 1})`),
      'initialize',
    ];
    const timed = Math.max(1, Math.round(TIMED_SHARE * draws));
    const setUp = await jags(folder, begin);
    const sweeps = await jags(folder, [...begin, `update ${timed}, by(0)`]);
    await jags(folder, [...begin, 'monitor w', `update ${draws}, by(0)`, 'coda *, stem(out)']);
    return {
      draws: await readDraws(folder, problem, settings),
      secondsPerSweep: (sweeps - setUp) / (starts.length * timed),
      version: await versionOf(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
