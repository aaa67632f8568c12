/** Files that are read again when they change. What can't be used is told, and what was there before stays in force. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

function unreadable(what: string, path: string, error: unknown): InputError {
  const { code } = error as NodeJS.ErrnoException;
  return new InputError(`${what} ${path}: ${code === 'ENOENT' ? 'no such file' : `can't be read (${code})`}`);
}

export class WatchedFiles<T> {
  readonly #options: WatchedFilesOptions<T>;
  readonly #listeners = new Set<(value: T) => void>();
  readonly #timer: NodeJS.Timeout;
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
    this.#timer = setInterval(() => void this.#look(), options.intervalMs ?? INTERVAL_MS).unref();
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
    const contents = await Promise.all(
      files.map(({ what, path }) =>
        readFile(path).catch((error: unknown) => {
          throw unreadable(what, path, error);
        }),
      ),
    );
    if (contents.every((bytes, i) => bytes.equals(this.#contents[i]!))) return;
    this.#value = parse(contents);
    this.#contents = contents;
    this.#told = '';
    log(`read again: ${files.map(({ path }) => path).join(', ')}`);
    for (const listener of this.#listeners) listener(this.#value);
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
