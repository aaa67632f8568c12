/** Carries out the coordinator's commands on a worker's pool. */
import type { Attach, Attached, AttachedChain, Load } from '../coordinator/brain/messages.js';
import type { Rows } from '../posterior/rows.js';
import type { WorkerAnswer } from '../wire/codec/answer.js';
import type { WorkerCommand } from '../wire/codec/command.js';
import type { WorkerPool } from './pool.js';

export interface OrdersHost {
  readonly pool: WorkerPool;
  readonly pullShard: (shard: number) => Promise<Rows>;
}

export class Orders {
  readonly #host: OrdersHost;
  /** Loads happen one after the other. */
  #loading: Promise<unknown> = Promise.resolve();

  constructor(host: OrdersHost) {
    this.#host = host;
  }

  /** The answer to a command, once it is carried out; none to detach. Rejects when this worker can't go on. */
  async carryOut(command: WorkerCommand): Promise<WorkerAnswer | undefined> {
    const { pool } = this.#host;
    switch (command.type) {
      case 'load': {
        const load = this.#loading.then(() => this.#load(command));
        this.#loading = load.catch(() => undefined);
        await load;
        return { type: 'loaded', worker: command.worker, shards: command.shards };
      }
      case 'attach':
        return this.#attach(command);
      case 'walk': {
        const { worker, epoch, round, jobs } = command;
        return { type: 'walked', worker, epoch, round, results: await pool.walk(jobs) };
      }
      case 'detach':
        await pool.detach(command.chains);
        return undefined;
      case 'audit': {
        const { worker, epoch, chain } = command;
        return { type: 'audited', worker, epoch, chain, ...(await pool.audit(chain)) };
      }
    }
  }

  async #load({ shards }: Load): Promise<void> {
    const { pool, pullShard } = this.#host;
    const surplus = [...pool.rowsByShard.keys()].filter((shard) => !shards.includes(shard));
    if (surplus.length > 0) await pool.dropShards(surplus);
    for (const shard of shards) {
      if (!pool.rowsByShard.has(shard)) pool.addShard(shard, await pullShard(shard));
    }
  }

  async #attach({ worker, epoch, shards, owners, self, wantFlipDeltas, chains }: Attach): Promise<Attached> {
    const attached = chains.map(async ({ chain, w }): Promise<AttachedChain> => {
      const outcome = await this.#host.pool.attach({ slot: chain, shards, owners, self }, w, wantFlipDeltas);
      return { chain, ...outcome };
    });
    return { type: 'attached', worker, epoch, chains: await Promise.all(attached) };
  }
}
