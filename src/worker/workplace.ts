/** What a worker sets up for one session: threads, memory, and the orders it takes. */
import type { Client } from '@grpc/grpc-js';
import { chooseKernel } from '../kernel/choose.js';
import { requireTensorFlow } from '../kernel/create.js';
import type { KernelChoice } from '../kernel/kernel.js';
import type { Rows } from '../posterior/rows.js';
import type { WorkerAnswer } from '../wire/codec/answer.js';
import type { WorkerCommand } from '../wire/codec/command.js';
import type { WelcomeFacts } from '../wire/codec/rule.js';
import type { WorkerOptions } from './options.js';
import { Orders } from './orders.js';
import { WorkerPool } from './pool.js';
import { pullShard } from './shard-pull.js';
import type { WorkerState } from './telemetry.js';

export class Workplace {
  readonly #orders: Orders;
  readonly #state: WorkerState;

  private constructor(orders: Orders, state: WorkerState) {
    this.#orders = orders;
    this.#state = state;
  }

  /** @throws InputError when the kernel that is asked for can't run here */
  static open(welcome: WelcomeFacts, client: Client, options: WorkerOptions, state: WorkerState): Workplace {
    const { runId, rule, kernel: wish } = welcome;
    const { features, classes } = rule.model;
    const { threads, log } = options;
    const choice = options.kernel === 'auto' ? wish : options.kernel;
    if (choice === 'tfjs') requireTensorFlow();
    state.welcomed();
    log(`joined run ${runId} with ${threads} ${threads === 1 ? 'thread' : 'threads'}`);
    const orders = new Orders({
      pullShard: (shard) => pullShard(client, { runId, shard, features, classes }),
      openPool: (first) => openPool(choice, welcome, first, options, state),
    });
    return new Workplace(orders, state);
  }

  async carryOut(command: WorkerCommand): Promise<WorkerAnswer | undefined> {
    const answer = await this.#orders.carryOut(command);
    this.#state.answered(answer, this.#orders.rowsByShard);
    return answer;
  }

  async close(): Promise<void> {
    this.#state.rowsByShard = new Map();
    await this.#orders.close();
  }
}

async function openPool(
  choice: KernelChoice,
  { rule, chains }: WelcomeFacts,
  rows: Rows,
  { threads, log }: WorkerOptions,
  { effort }: WorkerState,
): Promise<WorkerPool> {
  const chosen = await chooseKernel(choice, { rule, rows, chains: Math.ceil(chains / threads) });
  if (chosen.warning) log(`WARNING: ${chosen.warning}`, { level: 'warn' });
  log(`kernel ${chosen.kernel}: ${chosen.reason}`);
  return new WorkerPool({ rule, kernel: chosen.kernel, threads, effort });
}
