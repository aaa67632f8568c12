/** What the parts of a process tell its log: a line in words, and facts that programs look for. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogFacts {
  /** By default info. */
  readonly level?: LogLevel;
  readonly run?: string;
  /** Number of the worker in its run. */
  readonly worker?: number;
}

export type Log = (text: string, facts?: LogFacts) => void;

/** A log whose lines have these facts as they are at the time, where they bring none of their own. */
export function withFacts(log: Log, facts: LogFacts): Log {
  return (text, own) => log(text, { ...facts, ...own });
}
