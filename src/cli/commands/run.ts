/** `bitgibbs run`: a coordinator in this process and worker processes on this machine. */
import { defaultMemoryBytes } from '../../worker/memory.js';
import { startWorkers, type WorkerProcesses } from '../children.js';
import { withoutFlags } from '../flags/environment.js';
import { withWarmup } from '../warmup/trials.js';
import { Session, type SessionFlags } from '../session.js';

export interface RunFlags extends SessionFlags {
  readonly workers: number;
  readonly threads: number;
}

/** @throws UsageError, InputError, RunError */
export function run(data: string | undefined, given: RunFlags): Promise<void> {
  const { workers: count, threads } = given;
  const expected = { count, threads, memoryBytes: defaultMemoryBytes(count) };
  return withWarmup(given, async (flags, trial) => {
    const session = await Session.open({ data, flags, listen: '127.0.0.1:0', expected, trial });
    const workers = startOwnWorkers(flags, session);
    try {
      return await session.conclude(workers.lost);
    } finally {
      await workers.stop();
      await session.close();
    }
  });
}

function startOwnWorkers({ workers, threads, kernel }: RunFlags, session: Session): WorkerProcesses {
  return startWorkers({
    count: workers,
    coordinator: session.handle.address,
    threads,
    kernel,
    memory: defaultMemoryBytes(workers) / 2 ** 30,
    env: withoutFlags(process.env),
    log: session.log,
    allNeeded: () => session.handle.status().phase === 'waiting',
  });
}
