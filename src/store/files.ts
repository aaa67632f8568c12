/**
 * Files that survive: written whole or not at all, and on the disk before the call returns. A file is written under a
 * temporary name, synced, renamed, and its folder is synced.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { InputError } from '../posterior/model.js';

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space, then go on with --resume',
  EDQUOT: 'the disk quota is used up; free some space, then go on with --resume',
  EROFS: 'the disk is read-only; choose another --out folder or mount it writable',
  EACCES: 'permission denied; choose another --out folder or change its owner',
  EPERM: 'permission denied; choose another --out folder or change its owner',
  EIO: 'the disk reports an input/output error',
  EMFILE: 'too many files are open in this process',
  ENOENT: 'it is not there',
  ENOTDIR: 'part of its path is not a folder',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** An operating-system error as one line that says what can be done; other errors stay as they are. */
export function diskError(action: string, path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof InputError || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new InputError(`cannot ${action} ${path}: ${REASONS[code] ?? 'the system refused'} (${code})`);
}

/** What was read is not what was written. */
export function damaged(path: string, what: string, remedy = 'restore it from a copy'): InputError {
  return new InputError(`${path} is damaged (${what}); ${remedy}`);
}

/** The disk, as the store uses it; tests put faults in between. */
export interface Disk {
  /** Replaces a file as a whole, durably but for its folder's entry: see `syncFolder`. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes new and renamed entries of a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Opens a file for writing at given places; it is made when absent. */
  openLog(path: string): Promise<LogFile>;
}

export interface LogFile {
  writeAt(position: number, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system. `scratch` is a folder on the same disk, for files not yet whole. */
export class RealDisk implements Disk {
  readonly #scratch: string;
  #next = 0;

  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#scratch, `${process.pid}-${this.#next++}`);
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw diskError('write', path, error);
    }
  }

  async syncFolder(path: string): Promise<void> {
    try {
      const folder = await open(path, 'r');
      await folder.sync().finally(() => folder.close());
    } catch (error) {
      throw diskError('write', path, error);
    }
  }

  async openLog(path: string): Promise<LogFile> {
    try {
      const file = await open(path, 'w');
      const guarded = (work: Promise<unknown>) =>
        work.then(
          () => undefined,
          (error: unknown) => Promise.reject(diskError('write', path, error) as Error),
        );
      return {
        writeAt: (position, bytes) => guarded(writeFully(file, position, bytes)),
        sync: () => guarded(file.datasync()),
        close: () => file.close(),
      };
    } catch (error) {
      throw diskError('write', path, error);
    }
  }
}

async function writeFully(
  file: Awaited<ReturnType<typeof open>>,
  position: number,
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Makes a folder and its parents; the folder it is in knows it durably. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw diskError('make', path, error);
  }
  await disk.syncFolder(dirname(path));
}

/** A file's bytes, or nothing when it is not there. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw diskError('read', path, error);
  }
}

const checksumOf = (value: object): string => crc32(JSON.stringify(value)).toString(16).padStart(8, '0');

/** An object as JSON, with a checksum of the rest of it as its last field. */
export function sealedJson(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify({ ...value, checksum: checksumOf(value) }, null, 1)}\n`);
}

/** Reads what `sealedJson` wrote. @throws InputError naming the file when a byte of it has changed */
export function unsealJson(bytes: Uint8Array, path: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw damaged(path, 'not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || !('checksum' in parsed)) {
    throw damaged(path, 'no checksum');
  }
  const { checksum, ...value } = parsed;
  if (checksum !== checksumOf(value)) throw damaged(path, 'wrong checksum');
  return value;
}
