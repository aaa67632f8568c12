/** Signals that ask a process to stop: the first time kindly, the second time at once. */

import { constants } from 'node:os';

/** As shells have it: 130 after SIGINT, 143 after SIGTERM. */
export function exitCodeAfter(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/**
 * Calls `stop` at the first of these signals and ends the process at the second, or when `graceMs` have passed.
 * @returns takes the handlers away again
 */
export function onStopSignal(
  signals: readonly NodeJS.Signals[],
  stop: (signal: NodeJS.Signals) => void,
  graceMs?: number,
): () => void {
  let asked = false;
  let timer: NodeJS.Timeout | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(exitCodeAfter(signal));
    asked = true;
    if (graceMs !== undefined) timer = setTimeout(() => process.exit(exitCodeAfter(signal)), graceMs).unref();
    stop(signal);
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    clearTimeout(timer);
    for (const signal of signals) process.off(signal, handle);
  };
}
