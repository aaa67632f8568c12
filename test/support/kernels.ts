/** The kernels that tests run over. */
import type { ChainRule, FlipKernel } from '../../src/kernel/kernel.js';
import { WasmKernel } from '../../src/kernel/wasm/wasm-kernel.js';
import { ReferenceKernel } from './reference-kernel.js';

export interface KernelMaker {
  readonly name: FlipKernel['name'];
  readonly make: (rule: ChainRule) => FlipKernel;
}

export const REFERENCE: KernelMaker = { name: 'reference', make: (rule) => new ReferenceKernel(rule) };
export const WASM: KernelMaker = { name: 'wasm', make: (rule) => WasmKernel.alone(rule) };
