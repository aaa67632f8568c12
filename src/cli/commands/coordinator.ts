/** `bitgibbs coordinator`: serves a run to workers on any machine. */
import { Session, type SessionFlags } from '../session.js';

export interface CoordinatorFlags extends SessionFlags {
  readonly listen: string;
}

/** @throws UsageError, InputError, RunError */
export async function coordinator(data: string | undefined, flags: CoordinatorFlags): Promise<void> {
  const { listen } = flags;
  const session = await Session.open({ data, flags, listen, waitForWorkers: 1, logTo: process.stderr });
  try {
    await session.conclude();
  } finally {
    await session.close();
  }
}
