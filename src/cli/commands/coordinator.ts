/** `bitgibbs coordinator`: serves a run to workers on any machine. */
import { defaultMemoryBytes } from '../../worker/memory.js';
import { accessOf, type AccessFlags } from '../flags/security.js';
import { Stay } from '../stay.js';
import { withWarmup } from '../warmup/trials.js';
import { Session, type SessionFlags } from '../session.js';

export interface CoordinatorFlags extends SessionFlags, AccessFlags {
  readonly listen: string;
  readonly workers: number;
  readonly workerThreads: number;
  /** GiB */
  readonly workerMemory?: number;
  /** Serve the draws of the finished run until a signal. */
  readonly stay?: boolean;
}

/** @throws UsageError, InputError, RunError */
export function coordinator(data: string | undefined, given: CoordinatorFlags): Promise<void> {
  const { workers, workerThreads: threads, workerMemory } = given;
  const memoryBytes = workerMemory === undefined ? defaultMemoryBytes() : workerMemory * 2 ** 30;
  const expected = { count: workers, threads, memoryBytes };
  let { listen } = given;
  return withWarmup(given, async (flags, trial) => {
    const session = await Session.open({
      ...{ data, flags, listen, expected, trial, logTo: process.stderr },
      stay: flags.stay ? new Stay() : undefined,
      access: (log) => accessOf(flags, log),
    });
    // Workers come back to it when the run begins anew.
    listen = session.handle.address;
    try {
      return await session.conclude();
    } finally {
      await session.close();
    }
  });
}
