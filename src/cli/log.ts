/** Log lines: the time, then the text. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { LOG_FILE } from '../store/run-folder.js';

export type Log = (line: string) => void;

/** Adds time and line end. */
export function stamped(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  return (line) => write(`${now().toISOString()} ${line}\n`);
}

export interface LogFile {
  readonly path: string;
  readonly log: Log;
  close(): Promise<void>;
}

/** The log of a run in its folder; lines are added to what an earlier process wrote. */
export function openLogFile(folder: string): LogFile {
  const path = join(folder, LOG_FILE);
  const stream = createWriteStream(path, { flags: 'a' });
  // A log that can't be written (disk full) must not end the run: its draws have their own errors.
  stream.on('error', () => undefined);
  return {
    path,
    log: stamped((line) => stream.write(line)),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
