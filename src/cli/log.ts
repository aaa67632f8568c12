/** Log lines, for people (the time, then the text) or for programs (JSON, by pino). */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { LOG_FILE } from '../store/run-folder.js';
import { LOG_LEVELS, type Log, type LogLevel } from '../telemetry/log.js';

export const LOG_FORMATS = ['pretty', 'json'] as const;

export interface LogStyle {
  readonly logFormat: (typeof LOG_FORMATS)[number];
  /** The least that is told. */
  readonly logLevel: LogLevel;
}

export interface LogOptions {
  readonly style: LogStyle;
  /** What this process is, in every line of JSON. */
  readonly role: 'coordinator' | 'worker';
  /** Takes a line, its end included. */
  readonly write: (line: string) => void;
  /** Whether a line for people begins with the time; by default it does. */
  readonly hasTime?: boolean;
}

export function makeLog(options: LogOptions): Log {
  return options.style.logFormat === 'json' ? jsonLog(options) : plainLog(options);
}

function plainLog({ style, write, hasTime = true }: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(style.logLevel);
  return (text, { level = 'info' } = {}) => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    write(hasTime ? `${new Date().toISOString()} ${text}\n` : `${text}\n`);
  };
}

function jsonLog({ style, role, write }: LogOptions): Log {
  const logger = pino(
    {
      level: style.logLevel,
      base: { role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return (text, { level = 'info', ...facts } = {}) => logger[level](facts, text);
}

export interface LogFile {
  readonly path: string;
  readonly log: Log;
  close(): Promise<void>;
}

/** The log of a run in its folder; lines are added to what an earlier process wrote. */
export function openLogFile(folder: string, style: LogStyle): LogFile {
  const path = join(folder, LOG_FILE);
  const stream = createWriteStream(path, { flags: 'a' });
  // A log that can't be written (disk full) must not end the run: its draws have their own errors.
  stream.on('error', () => undefined);
  return {
    path,
    log: makeLog({ style, role: 'coordinator', write: (line) => stream.write(line) }),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
