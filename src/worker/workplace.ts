/** What a worker sets up for one session: threads, memory, and the orders it takes. */
import type { Client } from '@grpc/grpc-js';
import { chooseKernel } from '../kernel/create.js';
import type { WorkerAnswer } from '../wire/codec/answer.js';
import type { WorkerCommand } from '../wire/codec/command.js';
import type { WelcomeFacts } from '../wire/codec/rule.js';
import type { WorkerOptions } from './options.js';
import { Orders } from './orders.js';
import { WorkerPool } from './pool.js';
import { pullShard } from './shard-pull.js';
import type { WorkerState } from './telemetry.js';

export class Workplace {
  readonly #pool: WorkerPool;
  readonly #orders: Orders;
  readonly #state: WorkerState;

  private constructor(pool: WorkerPool, orders: Orders, state: WorkerState) {
    this.#pool = pool;
    this.#orders = orders;
    this.#state = state;
  }

  /** @throws InputError when the kernel that is asked for can't run here */
  static async open(
    { runId, rule, kernel: wish }: WelcomeFacts,
    client: Client,
    options: WorkerOptions,
    state: WorkerState,
  ): Promise<Workplace> {
    state.welcomed();
    const kernel = await chooseKernel(options.kernel === 'auto' ? wish : options.kernel);
    const { threads } = options;
    const pool = new WorkerPool({ rule, kernel, threads, effort: state.effort });
    const { features, classes } = rule.model;
    const pull = (shard: number) => pullShard(client, { runId, shard, features, classes });
    options.log(
      `joined run ${runId} with ${threads} ${threads === 1 ? 'thread' : 'threads'}, kernel ${kernel}`,
    );
    return new Workplace(pool, new Orders({ pool, pullShard: pull }), state);
  }

  async carryOut(command: WorkerCommand): Promise<WorkerAnswer | undefined> {
    const answer = await this.#orders.carryOut(command);
    this.#state.answered(answer, this.#pool.rowsByShard);
    return answer;
  }

  async close(): Promise<void> {
    this.#state.rowsByShard = new Map();
    await this.#pool.close();
  }
}
