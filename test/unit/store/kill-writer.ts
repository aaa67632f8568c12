/** Lets a process write a toy run and kills it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const WRITER = fileURLToPath(new URL('toy-writer.js', import.meta.url));

const isCI = !['', '0', 'false'].includes(process.env['CI'] ?? '');

/** How often tests kill a writer in a row: 15 times, 50 with CI=true, or as BITGIBBS_STORE_KILLS says. */
export const KILLS = Number(process.env['BITGIBBS_STORE_KILLS'] ?? (isCI ? 50 : 15));

export interface Spoken {
  /** Draws that it last said to be durable; nothing when it was killed before its first word. */
  readonly durable: number | undefined;
  readonly done: boolean;
}

/**
 * Lets a writer go on with the run in a folder and kills it with SIGKILL.
 * @param words how many times it may first say how far it is
 * @param delayMs time after that
 */
export async function writeAndKill(folder: string, words: number, delayMs: number): Promise<Spoken> {
  const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let errors = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const saidEnough = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.split('\n').length > words) resolve();
    });
  });
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  if (words > 0) await Promise.race([saidEnough, ended]);
  await Promise.race([setTimeout(delayMs, undefined, { ref: false }), ended]);
  child.kill('SIGKILL');
  await ended;
  assert.equal(errors, '');
  const durable = [...said.matchAll(/^durable (\d+)$/gm)].map((match) => Number(match[1]));
  return { durable: durable.at(-1), done: /^done$/m.test(said) };
}

/** At a random moment: now and then while it starts, else within its next steps. */
export function writeAndKillSomewhere(folder: string): Promise<Spoken> {
  const words = Math.floor(Math.random() * 12);
  return writeAndKill(folder, words, Math.random() * (words === 0 ? 200 : 25));
}

/** Lets it run to its end. */
export function writeToTheEnd(folder: string): Promise<Spoken> {
  return writeAndKill(folder, Infinity, 0);
}
