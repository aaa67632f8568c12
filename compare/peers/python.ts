/** Peers in Python: each is a program that gets the problem as files and writes its draws to one. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PeerSettings, Sampled } from '../draws.js';
import { denseBits, type Problem } from '../problem.js';

const run = promisify(execFile);

/** One thread, so that CPU seconds are those of one core. */
const ONE_THREAD = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  NUMBA_NUM_THREADS: '1',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false',
};

interface Told {
  readonly version: string;
  readonly seconds_per_sweep: number;
}

/**
 * Samples, every sweep a draw.
 * @param python of the environment that has the peer
 * @throws when the program fails, with what it said last
 */
export async function samplePython(
  peer: 'pymc' | 'numpyro',
  python: string,
  problem: Problem,
  settings: PeerSettings,
): Promise<Sampled> {
  const { rows, model, pi } = problem;
  const folder = await mkdtemp(join(tmpdir(), `bitgibbs-${peer}-`));
  const at = (name: string): string => join(folder, name);
  const program = fileURLToPath(new URL(`../../../compare/python/${peer}_peer.py`, import.meta.url));
  try {
    await writeFile(at('x'), denseBits(problem));
    await writeFile(at('y'), rows.labels);
    const { starts, draws, seed } = settings;
    const size = { rows: rows.count, features: model.features, classes: model.classes };
    await writeFile(at('starts'), Buffer.concat(starts));
    const spec = { ...size, pi, draws, seed, chains: starts.length };
    await writeFile(at('spec.json'), JSON.stringify(spec));
    const env = { ...process.env, ...ONE_THREAD };
    const { stdout } = await run(python, [program, folder], { env, maxBuffer: 2 ** 26 });
    const told = JSON.parse(stdout.trim().split('\n').at(-1)!) as Told;
    const weights = model.features * model.classes;
    const bytes = await readFile(at('w'));
    const length = draws * weights;
    const chains = starts.map((_, c) => bytes.subarray(c * length, (c + 1) * length));
    return { draws: { chains, weights }, secondsPerSweep: told.seconds_per_sweep, version: told.version };
  } finally {
    await rm(folder, { recursive: true });
  }
}
