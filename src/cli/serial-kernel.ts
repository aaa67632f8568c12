/** The kernel of the serial sampler: alone in this process. */
import { chooseKernel, type KernelChoice } from '../kernel/create.js';
import type { ChainRule, FlipKernel } from '../kernel/kernel.js';
import { WasmKernel } from '../kernel/wasm/wasm-kernel.js';

/** @throws InputError when the kernel asked for doesn't run here */
export async function serialKernel(choice: KernelChoice, rule: ChainRule): Promise<FlipKernel> {
  await chooseKernel(choice === 'auto' ? 'wasm' : choice);
  return WasmKernel.alone(rule);
}
