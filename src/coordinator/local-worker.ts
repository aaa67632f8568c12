/** A worker without process or network: carries the brain's commands out on a kernel and answers at once. */
import type { FlipKernel } from '../kernel/kernel.js';
import type { Rows } from '../posterior/rows.js';
import type { Attach, AttachedChain, BrainCommand, BrainEvent, Load, WorkerId } from './brain/messages.js';

/** Commands that go to a worker. */
export type WorkerCommand = Extract<
  BrainCommand,
  { readonly type: 'load' | 'attach' | 'walk' | 'detach' | 'audit' }
>;

export function isWorkerCommand(command: BrainCommand): command is WorkerCommand {
  return ['load', 'attach', 'walk', 'detach', 'audit'].includes(command.type);
}

export class LocalWorker {
  readonly #held = new Set<number>();
  /** The batch each slot belongs to. */
  readonly #epochs = new Map<number, number>();

  constructor(
    readonly id: WorkerId,
    readonly kernel: FlipKernel,
    readonly shards: readonly Rows[],
  ) {}

  /** The answer to a command, if it has one. */
  answer(command: WorkerCommand): BrainEvent | undefined {
    const worker = this.id;
    switch (command.type) {
      case 'load':
        return { type: 'loaded', worker, shards: this.#load(command) };
      case 'attach':
        return { type: 'attached', worker, epoch: command.epoch, chains: this.#attach(command) };
      case 'walk': {
        const { epoch, round, jobs } = command;
        return { type: 'walked', worker, epoch, round, results: this.kernel.walk(jobs) };
      }
      case 'audit': {
        const { epoch, chain } = command;
        return { type: 'audited', worker, epoch, chain, differing: this.kernel.audit(chain), seconds: 0 };
      }
      case 'detach':
        for (const chain of command.chains) this.#detach(chain, command.epoch);
        return undefined;
    }
  }

  #load({ shards }: Load): readonly number[] {
    for (const shard of this.#held) {
      if (shards.includes(shard)) continue;
      this.kernel.dropShard(shard);
      this.#held.delete(shard);
    }
    for (const shard of shards) {
      if (this.#held.has(shard)) continue;
      this.kernel.addShard(shard, this.shards[shard]!);
      this.#held.add(shard);
    }
    return shards;
  }

  #attach({ epoch, shards, owners, self, wantFlipDeltas, chains }: Attach): AttachedChain[] {
    return chains.map(({ chain, w }) => {
      this.#epochs.set(chain, epoch);
      const report = this.kernel.attach({ slot: chain, shards, owners, self }, w);
      const flipDeltasQ = wantFlipDeltas ? this.kernel.flipDeltasQ(chain) : new Int32Array(0);
      return { chain, report, flipDeltasQ };
    });
  }

  #detach(chain: number, epoch: number): void {
    if (this.#epochs.get(chain) !== epoch) return;
    this.kernel.detach(chain);
    this.#epochs.delete(chain);
  }
}
