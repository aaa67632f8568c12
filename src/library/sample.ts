/** `sample`: the serial sampler in the caller's process. */
import { setImmediate as breathe } from 'node:timers/promises';
import { createKernelAlone } from '../kernel/create.js';
import type { KernelName } from '../kernel/kernel.js';
import { fewestShards } from '../coordinator/placement.js';
import { mergeRows } from '../posterior/merged-rows.js';
import { logPosterior } from '../posterior/model.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { totalSweeps } from '../sampler/run-plan.js';
import { sampleSerially, type SerialEvent } from '../sampler/serial.js';
import { ALL_MOVES } from '../sampler/sites.js';
import { MemoryStore } from '../store/memory-store.js';
import { checkInput, type CheckedInput, type SampleInput } from './input.js';
import { SampleResult } from './result.js';

export interface SampleProgress {
  readonly phase: 'warm-up' | 'sampling';
  readonly chain: number;
  /** Sweeps that the chain has done, and will have. */
  readonly sweep: number;
  readonly sweeps: number;
  /** Inverse temperature of the last sweep. */
  readonly beta: number;
  /** Log-likelihood plus log prior, nat. */
  readonly lp: number;
}

export interface SampleOptions extends SampleInput {
  /** By default wasm; tfjs needs the package @tensorflow/tfjs-node. The draws are the same. */
  readonly kernel?: KernelName;
  /** Ends sampling between two sweeps: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each warm-up sweep and each draw of a chain. */
  readonly onProgress?: (progress: SampleProgress) => void;
}

/**
 * Samples the posterior in this process and thread; other work of the event loop goes on between sweeps. For models whose
 * sweeps are short: others are better run by `bitgibbs run`, which uses all cores.
 * @throws InputError when an option can't be used; the signal's reason when it is aborted
 */
export async function sample(options: SampleOptions): Promise<SampleResult> {
  const checked = checkInput(options);
  const { rows, model, plan, seed } = checked;
  const rule = { model, moves: ALL_MOVES, seed };
  const kernel = createKernelAlone(options.kernel ?? 'wasm', rule);
  const store = new MemoryStore(plan.chains, model.features * model.classes);
  try {
    for (const event of sampleSerially({ kernel, rule, plan, shards: fewestShards(mergeRows(rows)) })) {
      if (event.kind === 'draw') store.append(event);
      options.onProgress?.(progressOf(checked, event));
      await breathe();
      options.signal?.throwIfAborted();
    }
  } finally {
    kernel.dispose();
  }
  await store.close('finished');
  return new SampleResult(store, model, plan.chains);
}

function progressOf({ model, plan }: CheckedInput, event: SerialEvent): SampleProgress {
  const { chain, sweep, w, logLikQ } = event;
  const isWarmup = event.kind === 'warmup';
  return {
    phase: isWarmup ? 'warm-up' : 'sampling',
    ...{ chain, sweep: sweep + 1, sweeps: totalSweeps(plan) },
    beta: isWarmup ? event.betaQ / BETA_ONE_Q : 1,
    lp: logPosterior(model, w, logLikQ),
  };
}
