import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isBeingWritten, WriterLock } from '../../../src/store/lock.js';
import { PlainDisk, withFolder } from './toy-run.js';

interface Owner {
  pid: number;
  start: string;
  system: string;
}

/** The private folder of a run, and how to take its lock. */
async function withLocks(
  work: (folder: string, take: () => Promise<WriterLock>) => Promise<void>,
): Promise<void> {
  await withFolder(async (run) => {
    const folder = join(run, '.bitgibbs');
    await mkdir(join(folder, 'scratch'), { recursive: true });
    const disk = new PlainDisk(run);
    await work(folder, () => WriterLock.take(folder, run, disk));
  });
}

async function ownLock(folder: string): Promise<Owner> {
  const [name] = (await readdir(folder)).filter((file) => file.startsWith('lock-'));
  return JSON.parse(await readFile(join(folder, name!), 'utf8')) as Owner;
}

/** Puts down a lock as another process would. @param idle seconds since it was touched */
async function plant(folder: string, owner: object | string, idle = 0): Promise<void> {
  const path = join(folder, 'lock-1-planted');
  await writeFile(path, typeof owner === 'string' ? owner : JSON.stringify(owner));
  const time = Date.now() / 1000 - idle;
  await utimes(path, time, time);
}

function deadProcess(): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    child.on('exit', () => resolve(child.pid!));
  });
}

describe('the lock of a run', () => {
  it('is had by one of many that ask at once', () =>
    withLocks(async (_folder, take) => {
      const results = await Promise.allSettled(Array.from({ length: 6 }, take));
      const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      assert.ok(locks.length <= 1, `${locks.length} have it`);
      await Promise.all(locks.map((lock) => lock.release()));
      await (await take()).release();
    }));

  it('of a dead process is taken over, and cleared away', () =>
    withLocks(async (folder, take) => {
      const lock = await take();
      const owner = await ownLock(folder);
      await lock.release();
      await plant(folder, { ...owner, pid: await deadProcess() });
      assert.equal(await isBeingWritten(folder), false);
      const again = await take();
      assert.equal((await readdir(folder)).filter((name) => name.startsWith('lock-')).length, 1);
      await again.check();
      await again.release();
    }));

  it('of a dead process is not taken for that of a living one with the same id', () =>
    withLocks(async (folder, take) => {
      const lock = await take();
      const owner = await ownLock(folder);
      await lock.release();
      await plant(folder, owner);
      assert.equal(await isBeingWritten(folder), true);
      await assert.rejects(take(), /is being written by process \d+/);
      await plant(folder, { ...owner, start: '1' });
      assert.equal(await isBeingWritten(folder), false);
      await (await take()).release();
    }));

  it('of another machine counts as long as it is touched', () =>
    withLocks(async (folder, take) => {
      const elsewhere = { pid: 1, start: '5', host: 'node-b', system: 'another boot' };
      await plant(folder, elsewhere, 9);
      await assert.rejects(take(), /by process 1 on node-b \(last sign of life 9 s ago\)/);
      await plant(folder, elsewhere, 60);
      assert.equal(await isBeingWritten(folder), false);
      await (await take()).release();
    }));

  it('that is not understood counts as long as it is new', () =>
    withLocks(async (folder, take) => {
      await plant(folder, 'half a lo');
      await assert.rejects(take(), /is being written by another process/);
      await plant(folder, 'half a lo', 60);
      await (await take()).release();
    }));

  it('is noticed when it is lost', () =>
    withLocks(async (folder, take) => {
      const lock = await take();
      await lock.check();
      await lock.release();
      await assert.rejects(lock.check(), {
        name: 'InputError',
        message: /was taken over by another process/,
      });
      assert.equal(await isBeingWritten(join(folder, 'not-there')), false);
    }));
});
