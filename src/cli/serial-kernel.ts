/** The kernel of the serial sampler: alone in this process. */
import { createKernelAlone, type KernelChoice } from '../kernel/create.js';
import type { ChainRule, FlipKernel } from '../kernel/kernel.js';

/** One chain at a time is what wasm is for, so `auto` is wasm. @throws InputError when tfjs doesn't run here */
export function serialKernel(choice: KernelChoice, rule: ChainRule): FlipKernel {
  return createKernelAlone(choice === 'auto' ? 'wasm' : choice, rule);
}
