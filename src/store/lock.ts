/**
 * The writer's lock: at most one process writes a run.
 *
 * A writer puts down a lock file of its own, whole, and then looks for others: whoever sees a live one takes its own
 * away and gives up. So of two that start together at most one stays. A lock tells its process (id, start time, and
 * which system counts them); where this machine can see that process it knows at once whether it lives. Elsewhere
 * (another host on a shared disk) a lock counts as dead when its owner has not touched it for a while.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../posterior/model.js';
import type { Disk } from './files.js';
import { diskError, isMissing, readIfThere } from './files.js';

export const LOCK_PREFIX = 'lock-';
const BEAT_MS = 2_000;
/** A lock whose process can't be seen from here is dead when untouched for this long. */
const LEASE_MS = 15_000;
const TRIES = 4;

interface Owner {
  readonly pid: number;
  /** When the process started, in the system's own unit; tells it from a later one with the same id. */
  readonly start: string;
  readonly host: string;
  /** Which system counts these process ids: boot and process-id namespace, or the host's name. */
  readonly system: string;
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; the second field may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  const line = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return line?.slice(line.lastIndexOf(')') + 2).split(' ')[19];
}

function self(): Owner {
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const names = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  return {
    pid: process.pid,
    start: startOf(process.pid) ?? '',
    host: hostname(),
    system: boot && names ? `${boot} ${names}` : hostname(),
  };
}

function runs(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return owner.start === '' || (startOf(owner.pid) ?? '') === owner.start;
}

interface Found {
  readonly path: string;
  readonly owner: Owner | undefined;
  readonly idleMs: number;
}

/** Other writers' locks. Where we have just put down our own, their age is told by the disk's clock. */
async function otherLocks(folder: string, mine?: string): Promise<Found[]> {
  const now = mine ? (await stat(mine)).mtimeMs : Date.now();
  const names = (await readdir(folder)).filter((name) => name.startsWith(LOCK_PREFIX));
  const found: Found[] = [];
  for (const path of names.map((name) => join(folder, name)).filter((path) => path !== mine)) {
    try {
      const { mtimeMs } = await stat(path);
      const text = await readFile(path, 'utf8');
      found.push({ path, owner: tryRead(() => JSON.parse(text) as Owner), idleMs: now - mtimeMs });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return found;
}

function isLive({ owner, idleMs }: Found): boolean {
  if (owner !== undefined && owner.system === self().system) return runs(owner);
  return idleMs < LEASE_MS;
}

function refusal(folder: string, { owner, idleMs }: Found): InputError {
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
  const since =
    owner?.system === self().system ? '' : ` (last sign of life ${Math.round(idleMs / 1000)} s ago)`;
  return new InputError(
    `the run in ${folder} is being written by ${who}${since}; stop it first or take another --out`,
  );
}

export class WriterLock {
  readonly #path: string;
  readonly #run: string;
  readonly #content: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(path: string, run: string, content: string) {
    this.#path = path;
    this.#run = run;
    this.#content = content;
    this.#beat = setInterval(() => void this.#touch(), BEAT_MS).unref();
  }

  /**
   * Takes the lock of a run; locks of dead processes are cleared away.
   * @param folder where lock files lie
   * @param run the run's folder, for messages
   * @throws InputError when another process writes the run
   */
  static async take(folder: string, run: string, disk: Disk): Promise<WriterLock> {
    const path = join(folder, `${LOCK_PREFIX}${process.pid}-${randomUUID()}`);
    const content = JSON.stringify(self());
    for (let attempt = 1; ; attempt++) {
      await disk.replace(path, Buffer.from(content));
      const others = await otherLocks(folder, path).catch((error: unknown) => {
        throw diskError('read', folder, error);
      });
      const live = others.find(isLive);
      if (!live) {
        for (const dead of others) await rm(dead.path, { force: true });
        return new WriterLock(path, run, content);
      }
      await rm(path, { force: true });
      if (attempt === TRIES) throw refusal(run, live);
      // Two that started together have both given way; one comes back first.
      await new Promise((resolve) => setTimeout(resolve, 20 + 180 * Math.random()));
    }
  }

  async #touch(): Promise<void> {
    try {
      // Writing, not setting the time: the time is then that of the disk's clock.
      const file = await open(this.#path, 'r+');
      await file.writeFile(this.#content).finally(() => file.close());
    } catch {
      // A lock that is gone is noticed by `check`, before anything is written.
    }
  }

  /** @throws InputError when the lock is no longer ours: someone took this process for dead */
  async check(): Promise<void> {
    const bytes = await readIfThere(this.#path);
    if (bytes?.toString() === this.#content) return;
    throw new InputError(
      `the lock of the run in ${this.#run} was taken over by another process; this one stops writing`,
    );
  }

  async release(): Promise<void> {
    clearInterval(this.#beat);
    await rm(this.#path, { force: true });
  }
}

/** Whether some process writes the run at this moment. */
export async function isBeingWritten(folder: string): Promise<boolean> {
  try {
    return (await otherLocks(folder)).some(isLive);
  } catch (error) {
    if (isMissing(error)) return false;
    throw diskError('read', folder, error);
  }
}
