/** A thread of the pool: one kernel over the pool's shared memory, one task at a time. */
import { threadId } from 'node:worker_threads';
import { workerData } from 'piscina';
import { createKernel } from '../kernel/create.js';
import type { FlipKernel } from '../kernel/kernel.js';
import { carryOut } from './carry-out.js';
import type { Done, Outcomes, Task, ThreadData } from './tasks.js';

/** Made with the first task, so that a kernel that can't be made is that task's error. */
let made: FlipKernel | undefined;

function kernelOfThread(): FlipKernel {
  const { kernel, description } = workerData as ThreadData;
  return (made ??= createKernel(kernel, description));
}

export default function run(task: Task): Done<Outcomes[Task['type']]> {
  return carryOut(kernelOfThread(), task, threadId);
}
