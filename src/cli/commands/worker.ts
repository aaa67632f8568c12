/** `bitgibbs worker`: works for a coordinator until its run ends. */
import { runWorker } from '../../worker/worker.js';
import { RunError } from '../errors.js';
import { metricsAddress, type WorkerFlags } from '../flags/groups.js';
import { identityOf } from '../flags/security.js';
import { makeLog } from '../log.js';
import { onStopSignal } from '../signals.js';

/** Beside its parent a worker waits less for a coordinator that is gone: the parent starts workers anew. */
const CHILD_RECONNECT_MS = 15_000;

/** @throws InputError when the coordinator can't be reached, RunError when it sends this worker away */
export async function worker(flags: WorkerFlags): Promise<void> {
  const leave = new AbortController();
  const metrics = metricsAddress(flags);
  // A parent adds the time itself.
  const write = (line: string): boolean => process.stderr.write(line);
  const log = makeLog({ style: flags, role: 'worker', write, hasTime: !flags.child });
  const identity = await identityOf(flags, 'worker', log);
  if (flags.child) leaveWithParent(leave);
  const release = onStopSignal(
    flags.child ? ['SIGTERM'] : ['SIGINT', 'SIGTERM'],
    (signal) => {
      log(`${signal}: leaving the run (again: end at once)`);
      leave.abort(`got ${signal}`);
    },
    1000 * flags.grace,
  );
  try {
    const outcome = await runWorker({
      coordinator: flags.coordinator,
      ...(identity ? { identity } : {}),
      threads: flags.threads,
      kernel: flags.kernel,
      ...(flags.memory === undefined ? {} : { memoryBytes: Math.floor(flags.memory * 2 ** 30) }),
      ...(metrics === undefined ? {} : { metricsAddress: metrics }),
      connectTimeoutMs: 1000 * flags.wait,
      ...(flags.child ? { reconnectTimeoutMs: CHILD_RECONNECT_MS } : {}),
      log,
      signal: leave.signal,
    });
    log(`${outcome.kind}: ${outcome.reason}`);
    if (outcome.kind === 'dropped') throw new RunError(`sent away by the coordinator: ${outcome.reason}`);
    // Leaving is fine for a worker on its own; a parent has to know that it is short of one.
    if (flags.child && outcome.kind === 'left') throw new RunError(`left the run: ${outcome.reason}`);
  } finally {
    release();
  }
}

/** The parent holds the other end of standard input; it closes however the parent ends. */
function leaveWithParent(leave: AbortController): void {
  process.on('SIGINT', () => undefined);
  process.stdin.on('error', () => leave.abort('the parent process ended'));
  process.stdin.on('close', () => leave.abort('the parent process ended'));
  process.stdin.resume().unref();
}
