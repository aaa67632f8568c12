/** Signals that ask a process to stop: the first time kindly, the second time at once. */

const EXIT_BY_SIGNAL: Record<string, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * Calls `stop` at the first of these signals and ends the process at the second.
 * @returns takes the handlers away again
 */
export function onStopSignal(
  signals: readonly NodeJS.Signals[],
  stop: (signal: NodeJS.Signals) => void,
): () => void {
  let asked = false;
  const handle = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(EXIT_BY_SIGNAL[signal] ?? 1);
    asked = true;
    stop(signal);
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
