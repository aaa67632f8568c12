/** `bitgibbs coordinator`: serves a run to workers on any machine. */
import { defaultMemoryBytes } from '../../worker/memory.js';
import { accessOf, type AccessFlags } from '../flags/security.js';
import { Session, type SessionFlags } from '../session.js';

export interface CoordinatorFlags extends SessionFlags, AccessFlags {
  readonly listen: string;
  readonly workers: number;
  readonly workerThreads: number;
  /** GiB */
  readonly workerMemory?: number;
}

/** @throws UsageError, InputError, RunError */
export async function coordinator(data: string | undefined, flags: CoordinatorFlags): Promise<void> {
  const { listen, workers, workerThreads: threads, workerMemory } = flags;
  const memoryBytes = workerMemory === undefined ? defaultMemoryBytes() : workerMemory * 2 ** 30;
  const expected = { count: workers, threads, memoryBytes };
  const session = await Session.open({
    ...{ data, flags, listen, expected, logTo: process.stderr },
    access: (log) => accessOf(flags, log),
  });
  try {
    await session.conclude();
  } finally {
    await session.close();
  }
}
