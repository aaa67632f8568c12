/** How a walk's jobs are shared out over threads. */
import type { KernelName, WalkJob } from '../kernel/kernel.js';

/**
 * Cuts a walk's jobs into runs of consecutive ones, one run a task. Windows are short: one run a thread keeps messages few.
 * Whole sweeps are long: one job a task lets a thread that is done early take the next one. TensorFlow works on a list of
 * chains at once: one run a thread.
 */
export function shareOut(jobs: readonly WalkJob[], threads: number, kernel: KernelName): WalkJob[][] {
  const single = kernel === 'wasm' && jobs.every((job) => job.kind === 'solo');
  const shares = single ? jobs.length : Math.min(threads, jobs.length);
  return Array.from({ length: shares }, (_, i) =>
    jobs.slice(Math.floor((i * jobs.length) / shares), Math.floor(((i + 1) * jobs.length) / shares)),
  );
}
