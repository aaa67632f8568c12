/** What a failure looks like: one line, and an exit code of 2 where the command line or the data are wrong, else 1. */
import { CommanderError } from 'commander';
import { InputError } from '../posterior/model.js';
import { isServiceError } from '../wire/client.js';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** The command line, or the data it names, can't be used. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A run that failed, in words for its user. */
export class RunError extends Error {
  override name = 'RunError';
}

/** Runs a step that checks what the user gave: bad input there is a usage error. */
export async function checking<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(error.message);
    throw error;
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}

/** The text of an error as one line. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = isServiceError(error) ? error.details || error.message : error.message;
  const line = text.trim().split(/\s*\n\s*/, 1)[0]!;
  const isWorded =
    ['InputError', 'UsageError', 'RunError', 'ClientError'].includes(error.name) || isServiceError(error);
  return isWorded ? line : `${error.name}: ${line} (BITGIBBS_DEBUG=1 shows where)`;
}

/** Says what went wrong, where no one has said it yet. */
export function tell(error: unknown, write: (text: string) => void): void {
  // Commander has written its own errors, and help and version are none.
  if (error instanceof CommanderError) return;
  write(`bitgibbs: ${lineOf(error)}\n`);
  if (process.env['BITGIBBS_DEBUG'] && error instanceof Error) write(`${error.stack}\n`);
}
