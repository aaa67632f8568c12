/**
 * A run whose draws come to GiB: they stream to disk while the coordinator's memory stays flat. The model is synthetic:
 * 512 features of which 16 are ever lit, 16 classes, so that a sweep is quick and nearly every bit of a draw is noise.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { diskUse } from '../src/store/run-folder.js';

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const FEATURES = 512;
const LIT = 16;
const CLASSES = 16;
const ROWS = 40;
const CHAINS = 64;
const POLL_MS = 200;

/** Rows that light a third of the lit features, each another third. */
function table(): string {
  const cell = (n: number, j: number): number => Number(j < LIT && (n * 7 + j * 5) % 3 === 0);
  const row = (n: number): string =>
    [...Array.from({ length: FEATURES }, (_, j) => cell(n, j)), n % CLASSES].join();
  return Array.from({ length: ROWS }, (_, n) => row(n)).join('\n');
}

function rssMb({ pid }: ChildProcess): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1000;
}

/** Draws that every chain has stored; 0 before anybody answers. */
async function horizon(out: string): Promise<number> {
  try {
    const [, metrics] = /metrics at (\S+)/.exec(readFileSync(join(out, 'run.log'), 'utf8')) ?? [];
    const text = await (await fetch(metrics!)).text();
    return Number(/^bitgibbs_store_horizon_draws (\d+)$/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

interface Sample {
  readonly part: number;
  readonly rss: number;
}

async function watch(child: ChildProcess, out: string, draws: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (child.exitCode === null && child.signalCode === null) {
    const part = (await horizon(out)) / draws;
    // The end, with its summary over all draws, is part of what must stay small.
    if (child.exitCode === null)
      samples.push({ part: Math.max(part, samples.at(-1)?.part ?? 0), rss: rssMb(child) });
    await sleep(POLL_MS);
  }
  if (child.exitCode !== 0) throw new Error(`the run ended with ${child.signalCode ?? child.exitCode}`);
  return samples;
}

/** Named figures: `stream_rss_at_10_percent_mb`, …. Linux only: memory is read from /proc. @param gib logical bytes */
export async function streamFigures(gib = 4): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-stream-'));
  const out = join(folder, 'run');
  const draws = Math.round((gib * 2 ** 30) / (FEATURES * CLASSES * CHAINS));
  try {
    const data = join(folder, 'rows.csv');
    writeFileSync(data, table());
    const flags = {
      'class-count': CLASSES,
      grid: `1x${FEATURES}`,
      chains: CHAINS,
      draws,
      warmup: 0,
      shards: 1,
    };
    const words = Object.entries({ ...flags, workers: 2, kernel: 'wasm', 'metrics-port': 0, out });
    const args = [MAIN, 'run', data, ...words.flatMap(([name, value]) => [`--${name}`, String(value)])];
    const begun = performance.now();
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const exit = once(child, 'exit');
    const samples = await watch(child, out, draws);
    await exit;
    const seconds = (performance.now() - begun) / 1000;
    const { weightBytes } = await diskUse(out);
    return {
      stream_logical_gib: gib,
      stream_seconds: seconds,
      stream_draws_per_s: (draws * CHAINS) / seconds,
      stream_bits_a_weight: (8 * weightBytes) / (gib * 2 ** 30),
      stream_rss_at_10_percent_mb: samples.find(({ part }) => part >= 0.1)!.rss,
      stream_rss_at_100_percent_mb: samples.findLast(({ part }) => part >= 0.99)!.rss,
      stream_rss_peak_mb: Math.max(...samples.map(({ rss }) => rss)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
