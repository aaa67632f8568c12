/** A thread of the pool: one kernel over the pool's shared memory, one task at a time. */
import { threadId } from 'node:worker_threads';
import { workerData } from 'piscina';
import { createKernel } from '../kernel/create.js';
import type { FlipKernel } from '../kernel/kernel.js';
import type { AttachTask, Done, Outcomes, Task, ThreadData } from './tasks.js';

/** Made with the first task, so that a kernel that can't be made is that task's error. */
let made: FlipKernel | undefined;

function kernelOfThread(): FlipKernel {
  const { kernel, description } = workerData as ThreadData;
  return (made ??= createKernel(kernel, description));
}

function attach(kernel: FlipKernel, { spec, w, wantFlipDeltas }: AttachTask): Outcomes['attach'] {
  const report = kernel.attach(spec, w);
  return { report, flipDeltasQ: wantFlipDeltas ? kernel.flipDeltasQ(spec.slot) : new Int32Array(0) };
}

function carryOut(kernel: FlipKernel, task: Task): Outcomes[Task['type']] {
  switch (task.type) {
    case 'attach':
      return attach(kernel, task);
    case 'walk':
      return kernel.walk(task.jobs);
    case 'audit':
      return kernel.audit(task.slot);
  }
}

export default function run(task: Task): Done<Outcomes[Task['type']]> {
  const kernel = kernelOfThread();
  const begun = performance.now();
  const value = carryOut(kernel, task);
  return { value, effort: { thread: threadId, seconds: (performance.now() - begun) / 1000 } };
}
