/** Carries a task out on a kernel, in whatever thread. */
import type { FlipKernel } from '../kernel/kernel.js';
import type { AttachTask, Done, Outcomes, Task } from './tasks.js';

function attach(kernel: FlipKernel, { spec, w, wantFlipDeltas }: AttachTask): Outcomes['attach'] {
  const report = kernel.attach(spec, w);
  return { report, flipDeltasQ: wantFlipDeltas ? kernel.flipDeltasQ(spec.slot) : new Int32Array(0) };
}

function outcome(kernel: FlipKernel, task: Task): Outcomes[Task['type']] {
  switch (task.type) {
    case 'attach':
      return attach(kernel, task);
    case 'walk':
      return kernel.walk(task.jobs);
    case 'audit':
      return kernel.audit(task.slot);
  }
}

/** @param thread who does it, for the account of threads */
export function carryOut<T extends Task>(
  kernel: FlipKernel,
  task: T,
  thread: number,
): Done<Outcomes[T['type']]> {
  const begun = performance.now();
  const value = outcome(kernel, task) as Outcomes[T['type']];
  return { value, effort: { thread, seconds: (performance.now() - begun) / 1000 } };
}
