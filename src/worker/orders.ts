/** Carries out the coordinator's commands on a worker's pool. */
import type { Attach, Attached, AttachedChain, Load } from '../coordinator/brain/messages.js';
import type { Rows } from '../posterior/rows.js';
import type { WorkerAnswer } from '../wire/codec/answer.js';
import type { WorkerCommand } from '../wire/codec/command.js';
import type { WorkerPool } from './pool.js';

export interface OrdersHost {
  /** Makes the pool when its first shard has come: what that holds decides on the kernel. */
  readonly openPool: (first: Rows) => Promise<WorkerPool>;
  readonly pullShard: (shard: number) => Promise<Rows>;
}

export class Orders {
  readonly #host: OrdersHost;
  #pool: WorkerPool | undefined;
  #closed = false;
  /** Loads happen one after the other. */
  #loading: Promise<unknown> = Promise.resolve();

  constructor(host: OrdersHost) {
    this.#host = host;
  }

  /** Shards held, with their numbers of rows. */
  get rowsByShard(): ReadonlyMap<number, number> {
    return this.#pool?.rowsByShard ?? new Map();
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.close();
  }

  /** The answer to a command, once it is carried out; none to detach. Rejects when this worker can't go on. */
  async carryOut(command: WorkerCommand): Promise<WorkerAnswer | undefined> {
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
        return { type: 'walked', worker, epoch, round, results: await this.#openPool.walk(jobs) };
      }
      case 'detach':
        await this.#openPool.detach(command.chains);
        return undefined;
      case 'audit': {
        const { worker, epoch, chain } = command;
        return { type: 'audited', worker, epoch, chain, ...(await this.#openPool.audit(chain)) };
      }
    }
  }

  async #load({ shards }: Load): Promise<void> {
    const surplus = [...this.rowsByShard.keys()].filter((shard) => !shards.includes(shard));
    if (surplus.length > 0) await this.#openPool.dropShards(surplus);
    for (const shard of shards) {
      if (this.rowsByShard.has(shard)) continue;
      const rows = await this.#host.pullShard(shard);
      const pool = this.#pool ?? (await this.#open(rows));
      pool.addShard(shard, rows);
    }
  }

  async #open(rows: Rows): Promise<WorkerPool> {
    const pool = await this.#host.openPool(rows);
    this.#pool = pool;
    if (!this.#closed) return pool;
    await pool.close();
    throw new Error('closed while the first shard was loaded');
  }

  get #openPool(): WorkerPool {
    if (!this.#pool) throw new Error('a command came before the first shard');
    return this.#pool;
  }

  async #attach({ worker, epoch, shards, owners, self, wantFlipDeltas, chains }: Attach): Promise<Attached> {
    const attached = chains.map(async ({ chain, w }): Promise<AttachedChain> => {
      const outcome = await this.#openPool.attach({ slot: chain, shards, owners, self }, w, wantFlipDeltas);
      return { chain, ...outcome };
    });
    return { type: 'attached', worker, epoch, chains: await Promise.all(attached) };
  }
}
