/**
 * The scale model: the real brain against simulated workers whose work, and whose network, has a stated cost. Shows where
 * adding workers stops adding speed before anybody rents them. Nothing here takes real time but the brain itself.
 */
import { Brain } from '../brain/brain.js';
import type { BrainConfig } from '../brain/config.js';
import type { BrainCommand, BrainEvent, Walk } from '../brain/messages.js';
import type { BrainStatistics } from '../brain/statistics.js';
import { isWorkerCommand, type WorkerCommand } from '../local-worker.js';
import { Agenda, Network, Server, SimulatedWorker } from './cluster.js';
import type { CostModel } from './costs.js';
import { bytesOfCommand, bytesOfEvent } from './message-bytes.js';
import { ReadableTables, SyntheticWorkers } from './synthetic-workers.js';

export interface ScaleInput {
  /** Best of a run without warm-up: its chains are spread from the first sweep on. */
  readonly config: BrainConfig;
  readonly workers: number;
  /** Of each worker. */
  readonly threads: number;
  readonly costs: CostModel;
  /** Uniform numbers in [0, 1): they choose the guesses that are wrong. */
  readonly uniform: () => number;
}

export interface ScaleResult {
  readonly sweepsPerSecond: number;
  /** Speed over that of all threads walking whole chains without a message. */
  readonly efficiency: number;
  /** Share of the time that the coordinator is at work. */
  readonly coordinatorLoad: number;
  /** The coordinator's work for a chain-sweep. */
  readonly coordinatorMs: number;
  /** Between the coordinator and all workers, a chain-sweep. */
  readonly bytes: number;
  readonly statistics: BrainStatistics;
}

/** @throws Error when the brain finds fault with a simulated worker, which is a bug of the model */
export function simulateScale(input: ScaleInput): ScaleResult {
  return new ScaleModel(input).run();
}

class ScaleModel {
  readonly #input: ScaleInput;
  readonly #brain: Brain;
  readonly #answers: SyntheticWorkers;
  /** Answers that leave their workers, and those that reach the coordinator. */
  readonly #agenda = new Agenda<{ readonly event: BrainEvent; readonly isThere: boolean }>();
  readonly #coordinator = new Server();
  readonly #network: Network;
  readonly #workers: readonly SimulatedWorker[];
  /** When the first job was sent: loading and attaching before it don't count. */
  #begunAt = Infinity;
  #endedAt = 0;

  constructor(input: ScaleInput) {
    const { config, costs, uniform, workers, threads } = input;
    const tables = new ReadableTables(config.tables);
    this.#input = input;
    this.#brain = new Brain({ ...config, tables });
    this.#answers = new SyntheticWorkers(config, costs, tables, uniform);
    this.#network = new Network(costs);
    this.#workers = Array.from({ length: workers }, () => new SimulatedWorker(threads));
  }

  run(): ScaleResult {
    const { threads } = this.#input;
    this.#workers.forEach((_, worker) => {
      const event = { type: 'workerJoined', worker, threads, memoryBytes: Number.MAX_SAFE_INTEGER } as const;
      this.#agenda.put(0, { event, isThere: true });
    });
    for (let next = this.#agenda.take(); next; next = this.#agenda.take()) {
      const { atMs, item } = next;
      if (!item.isThere) this.#agenda.put(this.#arrival(atMs, item.event), { ...item, isThere: true });
      else if (this.#hear(atMs, item.event)) return this.#result();
    }
    throw new Error('the brain waits for nothing');
  }

  #arrival(atMs: number, event: BrainEvent): number {
    return this.#network.receive(atMs, bytesOfEvent(event));
  }

  /** Whether the run is finished. */
  #hear(atMs: number, event: BrainEvent): boolean {
    const { messageMs, siteMs } = this.#input.costs;
    const commands = this.#brain.step(event);
    const messages = commands.filter(isWorkerCommand);
    const work = (1 + messages.length) * messageMs + sharedSites(messages) * siteMs;
    this.#endedAt = this.#coordinator.take(atMs, work);
    for (const command of commands) {
      if (isWorkerCommand(command)) this.#send(this.#endedAt, command);
      else this.#note(command);
    }
    return commands.some(({ type }) => type === 'finished');
  }

  #send(atMs: number, command: WorkerCommand): void {
    if (command.type === 'walk') this.#begunAt = Math.min(this.#begunAt, atMs);
    const reachedAt = this.#network.send(atMs, bytesOfCommand(command));
    const { event, jobsMs } = this.#answers.answer(command);
    if (!event) return;
    const doneAt = this.#workers[command.worker]!.work(reachedAt, jobsMs);
    this.#agenda.put(doneAt, { event, isThere: false });
  }

  #note(command: BrainCommand): void {
    if (command.type === 'dropWorker') throw new Error(`worker ${command.worker}: ${command.reason}`);
    if (command.type === 'draw' || command.type === 'warmupDraw' || command.type === 'checkpoint') {
      this.#answers.audited(command.chain, command.logLikQ);
    }
  }

  #result(): ScaleResult {
    const { workers, threads, costs } = this.#input;
    const { statistics } = this.#brain;
    const { warmup, sampling } = statistics.phases;
    const sweeps = [warmup, sampling].reduce((sum, p) => sum + p.soloSweeps + p.spreadSweeps, 0);
    const elapsedMs = this.#endedAt - this.#begunAt;
    const sweepsPerSecond = (1000 * sweeps) / elapsedMs;
    return {
      ...{ sweepsPerSecond, statistics },
      efficiency: (sweepsPerSecond * costs.sweepMs) / (1000 * workers * threads),
      coordinatorLoad: this.#coordinator.busyMs / this.#endedAt,
      coordinatorMs: this.#coordinator.busyMs / sweeps,
      bytes: this.#network.bytes / sweeps,
    };
  }
}

/** Shared sites guessed in the messages of one step: all members of a group get the same jobs. */
function sharedSites(messages: readonly WorkerCommand[]): number {
  const jobs = new Set(
    messages.filter((message): message is Walk => message.type === 'walk').map((m) => m.jobs),
  );
  let sites = 0;
  for (const list of jobs) for (const job of list) if (job.kind === 'window') sites += 8 * job.guess.length;
  return sites;
}
