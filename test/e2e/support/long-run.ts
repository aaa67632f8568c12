/** A run that goes on until a test has seen enough of it, and the digest that its draws must have. */
import assert from 'node:assert/strict';
import { succeed } from './cli.js';

export const DATA = ['mnist56', '--images', '1500'];
const SAMPLING = ['--chains', '4', '--warmup', '5', '--thin', '2', '--seed', '9'];
/** More draws than any test waits for. */
export const ENDLESS = [...DATA, ...SAMPLING, '--draws', '1000000'];

/** Draws a chain that a summary tells of. */
export function drawsOf(summary: string): number {
  const [, draws] = /([\d,]+) of 1,000,000 draws a chain/.exec(summary) ?? [];
  assert.ok(draws, summary);
  return Number(draws.replaceAll(',', ''));
}

/** That the run in a folder has the digest of as many draws of the serial sampler. */
export async function assertSerial(folder: string, draws: number, scratch: string): Promise<void> {
  assert.ok(draws > 0, 'the run has no draws');
  const slow = { seconds: 600 };
  await succeed(['serial', ...DATA, ...SAMPLING, '--draws', String(draws), '--out', scratch], slow);
  const [ours, serial] = [await succeed(['digest', folder]), await succeed(['digest', scratch])];
  assert.equal(ours, serial);
}
