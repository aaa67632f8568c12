/** A brain with in-process workers, stepped by hand: events wait until they are told. */
import { Brain } from '../../../src/coordinator/brain/brain.js';
import type { BrainConfig } from '../../../src/coordinator/brain/config.js';
import type { BrainCommand, BrainEvent, DrawCommand, Walk } from '../../../src/coordinator/brain/messages.js';
import { PlainSweepTables } from '../../../src/coordinator/brain/sweep-tables.js';
import { isWorkerCommand, LocalWorker } from '../../../src/coordinator/local-worker.js';
import { isLit, litFeatures, takeRows } from '../../../src/posterior/rows.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { ReferenceKernel } from '../../support/reference-kernel.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

/** Memory of a worker: room for everything, and for one shard with some slots. */
export const PLENTY = 1000;
export const ONE_SHARD = 15;

export interface Setting {
  readonly chains: number;
  readonly shards: number;
  readonly draws?: number;
  readonly thin?: number;
  readonly warmup?: number;
  readonly config?: Partial<BrainConfig>;
  /** Rows that light this feature all lie in the first shard. */
  readonly owned?: number;
}

const { model, rows } = tinyModel({
  ...{ features: 9, classes: 3, rows: 24, seed: 8, grid: { rows: 3, columns: 3 } },
  litChance: [0.1, 0.5, 0.1, 0.5, 0.6, 0.5, 0.1, 0.5, 0.1],
});
export const rule = ruleOf(model, 21);

export class Harness {
  readonly brain: Brain;
  /** Everything the brain has said. */
  readonly said: BrainCommand[] = [];
  /** Answers that the brain has not heard. */
  readonly waiting: BrainEvent[] = [];
  readonly #shards;
  readonly #workers = new Map<number, LocalWorker>();

  constructor({ chains, shards, draws = 2, thin = 1, warmup = 0, config = {}, owned }: Setting) {
    const numbers = Array.from({ length: rows.count }, (_, n) => n);
    this.#shards = Array.from({ length: shards }, (_, s) =>
      takeRows(
        rows,
        numbers.filter((n) => (owned !== undefined && isLit(rows, n, owned) ? 0 : n % shards) === s),
      ),
    );
    this.brain = new Brain({
      ...{ rule, spread: shards, tables: new PlainSweepTables(rule) },
      plan: { chains, draws, thin, warmupBetasQ: new Int32Array(warmup).fill(30_000) },
      shards: this.#shards.map((shard) => ({
        ...{ rows: shard.count, weight: shard.count, lit: litFeatures(shard) },
      })),
      memory: { shardBytes: () => 10, slotBytes: () => 1 },
      starts: Array.from({ length: chains }, (_, chain) => ({
        ...{ sweep: 0, w: randomStart(model, rule.seed, chain) },
      })),
      ...{ soloSweepsPerJob: 2, checkpointSweeps: 4 },
      ...config,
    });
  }

  join(worker: number, memoryBytes = PLENTY, threads = 1): BrainCommand[] {
    this.#workers.set(worker, new LocalWorker(worker, new ReferenceKernel(rule), this.#shards));
    return this.tell({ type: 'workerJoined', worker, threads, memoryBytes });
  }

  /** Tells the brain an event; its commands are carried out, and the answers wait. */
  tell(event: BrainEvent): BrainCommand[] {
    const commands = this.brain.step(event);
    this.said.push(...commands);
    for (const command of commands) {
      const answer = isWorkerCommand(command) && this.#workers.get(command.worker)?.answer(command);
      if (answer) this.waiting.push(answer);
    }
    return commands;
  }

  /** Tells the oldest answer, or the oldest one that fits. */
  tellNext(fits: (event: BrainEvent) => boolean = () => true): BrainCommand[] {
    const place = this.waiting.findIndex(fits);
    if (place < 0) throw new Error('no such answer waits');
    return this.tell(this.waiting.splice(place, 1)[0]!);
  }

  /** Tells answers until nothing waits, or until something was said. */
  run(until: (command: BrainCommand) => boolean = () => false): void {
    while (this.waiting.length > 0) if (this.tellNext().some(until)) return;
  }

  get draws(): DrawCommand[] {
    return this.said.filter((command) => command.type === 'draw');
  }

  get walks(): Walk[] {
    return this.said.filter((command) => command.type === 'walk');
  }
}
