import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { InputError } from '../../../src/posterior/model.js';
import { digestOf } from '../../../src/store/digest.js';
import { createRun, resumeRun } from '../../../src/store/open.js';
import { openRun } from '../../../src/store/read-run.js';
import { appendUpTo, digestUpTo, PlainDisk, shapeOf, toySpec, withFolder } from './toy-run.js';

const SPEC = toySpec();
/** Brings the arrays up to date once, and then not before the run is closed. */
const once = (folder: string) => ({ publishEveryMs: 3_600_000, disk: new PlainDisk(folder) });

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place]! ^= 0x40;
  await writeFile(path, bytes);
}

/** A run that was stopped after 20 of its 40 draws. */
async function stoppedRun(folder: string): Promise<void> {
  const store = await createRun(folder, SPEC, once(folder));
  appendUpTo(store, SPEC, 20);
  await store.close('stopped');
}

/** A run whose process was killed: 25 draws in the arrays, 5 in its journal. @returns the journal's last segment */
async function killedRun(folder: string): Promise<string> {
  const origin = `${folder}-origin`;
  await stoppedRun(origin);
  const store = await resumeRun(origin, SPEC, once(origin));
  appendUpTo(store, SPEC, 25);
  await store.flush();
  // That brings the arrays up to date in the background; the next flush goes to the journal only.
  const reader = await openRun(origin);
  while ((await reader.refresh()) < 25) await setTimeout(5);
  appendUpTo(store, SPEC, 30);
  await store.flush();
  // What the disk held at one moment is what a killed process leaves, but for its lock and unfinished files.
  const lasting = (path: string): boolean => !/\/(lock-|scratch\/)/.test(path);
  await cp(origin, folder, { recursive: true, filter: lasting });
  await store.close('stopped');
  const names = await readdir(join(folder, '.bitgibbs'));
  const segments = names.filter((name) => name.startsWith('journal-')).toSorted();
  return join(folder, '.bitgibbs', segments.at(-1)!);
}

function oneLineAbout(path: string, what: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.ok(error.message.startsWith(`${path} is damaged (`), error.message);
    assert.match(error.message, what);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

describe('a damaged chunk', () => {
  const chunk = (folder: string) => join(folder, 'posterior', 'w', 'c.0.0.0.0');
  for (const [how, harm, what] of [
    ['with a changed byte', (path: string) => flipByte(path, 40), /wrong checksum/],
    ['cut off', (path: string) => truncate(path, 100), /wrong checksum/],
    ['almost empty', (path: string) => truncate(path, 3), /cut off/],
    ['that is gone', (path: string) => rm(path), /missing/],
  ] as const) {
    it(`${how} is named by who reads it and by who would go on`, () =>
      withFolder(async (folder) => {
        await stoppedRun(folder);
        await harm(chunk(folder));
        const reader = await openRun(folder);
        await assert.rejects(digestOf(reader, shapeOf(SPEC)), oneLineAbout(chunk(folder), what));
        await assert.rejects(resumeRun(folder, SPEC, once(folder)), oneLineAbout(chunk(folder), what));
      }));
  }

  it('of the statistics is named too', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      const path = join(folder, 'sample_stats', 'accepted', 'c.0.0.0');
      await flipByte(path, -1);
      await assert.rejects(
        digestOf(await openRun(folder), shapeOf(SPEC)),
        oneLineAbout(path, /wrong checksum/),
      );
    }));
});

describe('damaged metadata', () => {
  for (const name of ['bitgibbs.json', 'zarr.json']) {
    it(`of ${name} is named, whatever byte it is`, () =>
      withFolder(async (folder) => {
        await stoppedRun(folder);
        const path = join(folder, name);
        const whole = await readFile(path);
        for (let at = 0; at < whole.length - 1; at += 97) {
          // Blanks and line ends between the fields carry nothing.
          if (whole[at]! <= 0x20) continue;
          await flipByte(path, at);
          await assert.rejects(openRun(folder), oneLineAbout(path, /./), `byte ${at}`);
          await assert.rejects(resumeRun(folder, SPEC, once(folder)), oneLineAbout(path, /./), `byte ${at}`);
          await writeFile(path, whole);
        }
        await truncate(path, 200);
        await assert.rejects(openRun(folder), oneLineAbout(path, /not JSON/));
      }));
  }

  it('that is gone is not taken for a new run', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      await rm(join(folder, 'zarr.json'));
      await assert.rejects(
        resumeRun(folder, SPEC, once(folder)),
        oneLineAbout(join(folder, 'zarr.json'), /missing/),
      );
    }));
});

describe('a journal', () => {
  it('that a crash has cut off anywhere loses only what was cut off', () =>
    withFolder(async (folder) => {
      const segment = await killedRun(folder);
      const whole = await readFile(segment);
      const horizons: number[] = [];
      for (let length = whole.length; length > 0; length -= 293) {
        const copy = `${folder}-${length}`;
        await cp(folder, copy, { recursive: true });
        await truncate(join(copy, '.bitgibbs', basename(segment)), length);
        const store = await resumeRun(copy, SPEC, once(copy));
        horizons.push(store.horizon);
        appendUpTo(store, SPEC, 40);
        await store.close('finished');
        assert.equal(await digestOf(await openRun(copy), shapeOf(SPEC)), digestUpTo(SPEC, 40));
      }
      assert.equal(horizons[0], 30);
      assert.equal(horizons.at(-1), 25);
      assert.deepEqual(
        horizons.toSorted((a, b) => b - a),
        horizons,
      );
    }));

  it('says so when its end was cut off', () =>
    withFolder(async (folder) => {
      const segment = await killedRun(folder);
      await truncate(segment, (await readFile(segment)).length - 5);
      const store = await resumeRun(folder, SPEC, once(folder));
      assert.equal(store.notices.length, 1);
      assert.match(store.notices[0]!, /journal-\d+: its last \d+ bytes were cut off by a crash$/);
      await store.close('stopped');
    }));

  it('that is damaged before its end is named; without it the run goes on', () =>
    withFolder(async (folder) => {
      const segment = await killedRun(folder);
      await flipByte(segment, 120);
      await assert.rejects(
        resumeRun(folder, SPEC, once(folder)),
        oneLineAbout(segment, /wrong checksum at byte \d+\); remove that file to go on/),
      );
      await rm(segment);
      const store = await resumeRun(folder, SPEC, once(folder));
      appendUpTo(store, SPEC, 40);
      await store.close('finished');
      assert.equal(await digestOf(await openRun(folder), shapeOf(SPEC)), digestUpTo(SPEC, 40));
    }));

  it('of another run is named', () =>
    withFolder(async (folder) => {
      const segment = await killedRun(folder);
      await flipByte(segment, 25);
      await assert.rejects(
        resumeRun(folder, SPEC, once(folder)),
        oneLineAbout(segment, /not the journal of this run/),
      );
    }));

  it('with a gap says which draws are computed again', () =>
    withFolder(async (folder) => {
      const segment = await killedRun(folder);
      const whole = await readFile(segment);
      // Without its first record, draw 25 of chain 0.
      const start = 'bitgibbs journal 1\n'.length + 36;
      const next = start + 8 + whole.readUInt32LE(start);
      await writeFile(segment, Buffer.concat([whole.subarray(0, start), whole.subarray(next)]));
      const store = await resumeRun(folder, SPEC, once(folder));
      assert.deepEqual(store.notices, [
        'chain 0: draw 25 and those after it are not in the journal; they are computed again',
      ]);
      assert.equal(store.horizon, 25);
      await store.close('stopped');
    }));

  it('is empty when a run was closed', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      assert.deepEqual(await readdir(join(folder, '.bitgibbs')), ['scratch']);
      assert.deepEqual(await readdir(join(folder, '.bitgibbs', 'scratch')), []);
    }));
});
