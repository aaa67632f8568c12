/** Kernels by name: which one runs here, and how a pool's threads make theirs. */
import { InputError } from '../posterior/model.js';
import type { FlipKernel, KernelChoice, KernelName } from './kernel.js';
import type { PoolDescription } from './wasm/pool.js';
import { WasmKernel } from './wasm/wasm-kernel.js';

export type { KernelChoice };

/** Settles on a kernel that runs here. @throws InputError when the one asked for doesn't */
export function chooseKernel(choice: KernelChoice): Promise<KernelName> {
  if (choice === 'tfjs')
    return Promise.reject(new InputError('kernel tfjs is not available here, use wasm or auto'));
  return Promise.resolve('wasm');
}

/** A thread's kernel over a pool of its process. */
export function createKernel(_name: KernelName, description: PoolDescription): Promise<FlipKernel> {
  return Promise.resolve(WasmKernel.over(description));
}
