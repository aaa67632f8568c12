/** Bearer tokens: secrets that clients without a certificate show with every call. They are in files, never in flags. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InputError } from '../../posterior/model.js';
import { WatchedFiles, type Tell } from './watched-files.js';

const WHAT = 'token file';
const LEAST_CHARACTERS = 32;
/** What may stand in a header after `Bearer `. */
const TOKEN = new RegExp(`^[A-Za-z0-9._~+/=-]{${LEAST_CHARACTERS},}$`);

/** The tokens in a file, one a line; empty lines and those that begin with # say nothing. @throws InputError */
export function tokensIn(path: string, text: string): string[] {
  const lines = text.split('\n').map((line, i) => ({ text: line.trim(), number: i + 1 }));
  const tokens = lines.filter((line) => line.text !== '' && !line.text.startsWith('#'));
  for (const token of tokens) {
    if (TOKEN.test(token.text)) continue;
    // The token itself must not get into a log.
    throw new InputError(
      `${WHAT} ${path}: line ${token.number} must be ${LEAST_CHARACTERS} or more letters, digits or any of ._~+/=-`,
    );
  }
  if (tokens.length === 0) throw new InputError(`${WHAT} ${path} must hold a token`);
  return tokens.map((token) => token.text);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The tokens that a coordinator takes. */
export class TokenList {
  readonly #hashes: WatchedFiles<readonly Buffer[]>;

  /** @throws InputError when the file can't be used */
  constructor(path: string, log: Tell, intervalMs?: number) {
    this.#hashes = new WatchedFiles<readonly Buffer[]>({
      files: [{ what: WHAT, path }],
      parse: ([bytes]) => tokensIn(path, bytes!.toString('utf8')).map(hashOf),
      ...(intervalMs === undefined ? {} : { intervalMs }),
      log,
    });
  }

  /** Takes the same time whichever token is wrong, and wherever. */
  has(token: string): boolean {
    const hash = hashOf(token);
    return this.#hashes.value.map((known) => timingSafeEqual(known, hash)).includes(true);
  }

  close(): void {
    this.#hashes.close();
  }
}

/** The first token in a client's file, which may change from call to call. @throws InputError */
export function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`${WHAT} ${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return tokensIn(path, text)[0]!;
}
