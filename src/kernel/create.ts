/** Kernels by name: alone in a process, or a thread's over the pool of its process. */
import { InputError } from '../posterior/model.js';
import type { ChainRule, FlipKernel, KernelChoice, KernelName } from './kernel.js';
import { loadTensorFlow, type TensorFlow } from './tfjs/load.js';
import { TfjsKernel } from './tfjs/tfjs-kernel.js';
import type { PoolDescription } from './wasm/pool.js';
import { WasmKernel } from './wasm/wasm-kernel.js';

export type { KernelChoice };

/** @throws InputError when native TensorFlow can't be loaded */
export function requireTensorFlow(): TensorFlow {
  const { tf, why } = loadTensorFlow();
  if (!tf) throw new InputError(`kernel tfjs can't run here (${why}): use wasm or auto`);
  return tf;
}

/** A kernel with a memory of its own. @throws InputError when it can't run here */
export function createKernelAlone(name: KernelName, rule: ChainRule): FlipKernel {
  return name === 'tfjs' ? TfjsKernel.alone(requireTensorFlow(), rule) : WasmKernel.alone(rule);
}

/** A thread's kernel over a pool of its process, which has dense columns for tfjs. */
export function createKernel(name: KernelName, description: PoolDescription): FlipKernel {
  return name === 'tfjs' ? TfjsKernel.over(requireTensorFlow(), description) : WasmKernel.over(description);
}
