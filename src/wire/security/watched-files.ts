/** Files that are read again when they change. What can't be used is told, and what was there before stays in force. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../posterior/model.js';

export interface WatchedFilesOptions<T> {
  /** What each file is, for messages, and its path. */
  readonly files: readonly { readonly what: string; readonly path: string }[];
  /** From the bytes of the files, in their order. @throws InputError */
  readonly parse: (contents: readonly Buffer[]) => T;
  /** How often the files are looked at, in ms. */
  readonly intervalMs?: number;
  readonly log: Tell;
}

export type Tell = (line: string, facts?: { readonly level: 'warn' }) => void;

const INTERVAL_MS = 10_000;
/** What was read counts when it still is the same after this, or after an interval where that is shorter. */
const SETTLE_MS = 500;

function same(contents: readonly Buffer[], others: readonly Buffer[]): boolean {
  return contents.every((bytes, i) => bytes.equals(others[i]!));
}

function unreadable(what: string, path: string, error: unknown): InputError {
  const { code } = error as NodeJS.ErrnoException;
  return new InputError(`${what} ${path}: ${code === 'ENOENT' ? 'no such file' : `can't be read (${code})`}`);
}

export class WatchedFiles<T> {
  readonly #options: WatchedFilesOptions<T>;
  readonly #listeners = new Set<(value: T) => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #settleMs: number;
  #contents: readonly Buffer[];
  #value: T;
  #reading = false;
  /** What was wrong the last time. */
  #complaint = '';
  #told = '';

  /** Reads the files for the first time. @throws InputError when one can't be used */
  constructor(options: WatchedFilesOptions<T>) {
    this.#options = options;
    this.#contents = options.files.map(({ what, path }) => {
      try {
        return readFileSync(path);
      } catch (error) {
        throw unreadable(what, path, error);
      }
    });
    this.#value = options.parse(this.#contents);
    const { intervalMs = INTERVAL_MS } = options;
    this.#settleMs = Math.min(SETTLE_MS, intervalMs);
    this.#timer = setInterval(() => void this.#look(), intervalMs).unref();
  }

  get value(): T {
    return this.#value;
  }

  /** Calls `listener` with every new value. */
  onChange(listener: (value: T) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  async #look(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      await this.#readAgain();
      this.#complaint = '';
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error));
    } finally {
      this.#reading = false;
    }
  }

  async #readAgain(): Promise<void> {
    const { files, parse, log } = this.#options;
    const contents = await this.#read();
    if (same(contents, this.#contents)) return;
    // A file that is being written may look whole: the start of a token is one, too.
    await sleep(this.#settleMs, undefined, { ref: false });
    if (!same(contents, await this.#read())) return;
    this.#value = parse(contents);
    this.#contents = contents;
    this.#told = '';
    log(`read again: ${files.map(({ path }) => path).join(', ')}`);
    for (const listener of this.#listeners) listener(this.#value);
  }

  #read(): Promise<Buffer[]> {
    return Promise.all(
      this.#options.files.map(({ what, path }) =>
        readFile(path).catch((error: unknown) => {
          throw unreadable(what, path, error);
        }),
      ),
    );
  }

  /** Files that belong together change one after the other: what is wrong once may be right the next time. */
  #complain(reason: string): void {
    if (reason === this.#complaint && reason !== this.#told) {
      this.#told = reason;
      this.#options.log(`WARNING: ${reason}; what was there before stays in force`, { level: 'warn' });
    }
    this.#complaint = reason;
  }
}
