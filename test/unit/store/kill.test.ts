import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { digestOf } from '../../../src/store/digest.js';
import { openRun } from '../../../src/store/read-run.js';
import { allDraws, digestUpTo, expectedDraws, KILLED_RUN, shapeOf, withFolder } from './toy-run.js';

const WRITER = fileURLToPath(new URL('toy-writer.js', import.meta.url));

/** How often the writer is killed: 15 times, or as BITGIBBS_STORE_KILLS says. */
const KILLS = Number(process.env['BITGIBBS_STORE_KILLS'] ?? 15);

const DIGEST = digestUpTo(KILLED_RUN, KILLED_RUN.plan.draws);

/** How a run stands after its writer was killed: draws that were said to be durable, draws that are seen. */
interface Outcome {
  readonly durable: number | undefined;
  readonly seen: number;
  readonly done: boolean;
}

/** Draws that readers see; the last of them are compared with what they should be. */
async function lookAt(folder: string): Promise<number> {
  const reader = await openRun(folder).catch((error: unknown) => String(error));
  if (typeof reader === 'string') {
    assert.match(reader, /holds no run|just being set up/);
    return 0;
  }
  const from = Math.max(0, reader.horizon - 20);
  assert.deepEqual(await allDraws(reader, from), expectedDraws(KILLED_RUN, from, reader.horizon));
  return reader.horizon;
}

/** Lets a writer go on with the run and kills it a while after its first word (sometimes sooner). */
async function writeAndKill(folder: string, afterMs: number): Promise<Outcome> {
  const child = spawn(process.execPath, [WRITER, folder, '3'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let errors = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const spoke = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  if (afterMs % 8 !== 0) await Promise.race([spoke, ended]);
  await Promise.race([setTimeout(afterMs, undefined, { ref: false }), ended]);
  child.kill('SIGKILL');
  await ended;
  assert.equal(errors, '');
  const durable = [...said.matchAll(/^durable (\d+)$/gm)].map((match) => Number(match[1]));
  const seen = await lookAt(folder);
  return { durable: durable.at(-1), seen, done: /^done$/m.test(said) };
}

describe('a writer that is killed at any moment', () => {
  it(`${KILLS} times in a row loses nothing durable and shows nothing torn`, () =>
    withFolder(async (folder) => {
      let before = { durable: 0, seen: 0, done: false };
      let finished = 0;
      for (let kills = 0; kills < KILLS || !before.done; kills++) {
        const outcome = await writeAndKill(
          folder,
          kills < KILLS ? 1 + Math.floor(Math.random() * 120) : 60_000,
        );
        const durable = outcome.durable ?? before.durable;
        assert.ok(durable >= before.durable, 'it went on from less than was durable');
        assert.ok(outcome.seen >= before.seen, 'readers see less than before');
        before = { ...outcome, durable };
        if (!outcome.done) continue;
        const reader = await openRun(folder);
        assert.equal(await reader.status(), 'finished');
        assert.equal(await digestOf(reader, shapeOf(KILLED_RUN)), DIGEST);
        finished++;
        if (kills >= KILLS) break;
        await rm(folder, { recursive: true });
        before = { durable: 0, seen: 0, done: false };
      }
      assert.ok(finished > 0);
    }));
});
