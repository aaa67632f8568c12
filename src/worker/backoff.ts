/** Waiting between attempts: doubled each time, and of random length so that workers don't come back all at once. */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/** The wait before attempt number `attempt` (from 0), in ms: uniform between half the bound and the bound. */
export function backoffMs(attempt: number, random: () => number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return bound * (0.5 + 0.5 * random());
}

/** Resolves after a time, or at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
