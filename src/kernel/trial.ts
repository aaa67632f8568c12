/** Both kernels over one pool, walking the same chains in turn: what tells which one is faster on some data. */
import { litFeatures, type Rows } from '../posterior/rows.js';
import { featureOwners } from '../sampler/owners.js';
import { neighbourPairs } from '../sampler/sites.js';
import type { ChainRule, FlipKernel, SoloJob, WalkResult } from './kernel.js';
import type { TensorFlow } from './tfjs/load.js';
import { TfjsKernel } from './tfjs/tfjs-kernel.js';
import { WasmPool } from './wasm/pool.js';
import { WasmKernel } from './wasm/wasm-kernel.js';

/** CPU time of this process a chain and sweep, in ms. */
export interface SweepTimes {
  readonly wasmMs: number;
  readonly tfjsMs: number;
}

const SHARD = 0;

export class KernelTrial {
  readonly #wasm: FlipKernel;
  readonly #tfjs: FlipKernel;
  readonly #chains: number;
  #sweep = 0;

  /**
   * A sweep is of flips and rows alone, and the rows are all the data.
   * @param starts state of each chain, one byte a weight
   * @throws InputError when they don't fit
   */
  constructor(tf: TensorFlow, { model, seed }: ChainRule, rows: Rows, starts: readonly Uint8Array[]) {
    const lit = litFeatures(rows);
    const rule = { model: { ...model, lit }, moves: { rows: true, swaps: false }, seed };
    const pool = new WasmPool(rule, 2, true);
    pool.addShard(SHARD, rows);
    this.#wasm = WasmKernel.over(pool.description);
    this.#tfjs = TfjsKernel.over(tf, pool.description);
    this.#chains = starts.length;
    const owners = featureOwners([lit], model.features, neighbourPairs(rule.model));
    starts.forEach((w, chain) => {
      for (const kernel of [this.#wasm, this.#tfjs]) {
        const slot = this.#slot(kernel, chain);
        pool.openSlot(slot, [SHARD]);
        kernel.attach({ slot, shards: [SHARD], owners, self: 1 }, w);
      }
    });
  }

  /** One sweep of every chain by each kernel. @throws when they come to different states */
  sweep(betaQ: number): SweepTimes {
    const [wasmMs, byWasm] = this.#walk(this.#wasm, betaQ);
    const [tfjsMs, byTfjs] = this.#walk(this.#tfjs, betaQ);
    this.#sweep++;
    if (byWasm.map(logLikQ).join() !== byTfjs.map(logLikQ).join()) {
      throw new Error('the kernels wasm and tfjs disagree');
    }
    return { wasmMs, tfjsMs };
  }

  dispose(): void {
    this.#wasm.dispose();
    this.#tfjs.dispose();
  }

  #walk(kernel: FlipKernel, betaQ: number): [ms: number, WalkResult[]] {
    const jobs = Array.from({ length: this.#chains }, (_, chain): SoloJob => {
      const job = { slot: this.#slot(kernel, chain), chain, sweep: this.#sweep };
      return { kind: 'solo', ...job, betasQ: Int32Array.of(betaQ), reportAfter: [] };
    });
    const begun = process.cpuUsage();
    const results = kernel.walk(jobs);
    const { user, system } = process.cpuUsage(begun);
    return [(user + system) / 1000 / this.#chains, results];
  }

  #slot(kernel: FlipKernel, chain: number): number {
    return 2 * chain + Number(kernel === this.#tfjs);
  }
}

function logLikQ(result: WalkResult): number | undefined {
  return result.kind === 'solo' ? result.reports[0]!.report.logLikQ : result.report?.logLikQ;
}
