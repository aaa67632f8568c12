/**
 * The coordinator's brain: a pure state machine. It hears what happened (events) and says what is to be done (commands);
 * it has no clock, socket or promise, and the same events give the same commands. Which worker walks which part of a
 * chain, lost workers, late and doubled answers never change a draw.
 */
import { neighbourPairs } from '../../sampler/sites.js';
import { isTempered, walkersOf } from '../../sampler/tempering/tempering.js';
import { AuditPlan } from './audits.js';
import { Chain, type Stretch } from './chain.js';
import type { BrainConfig } from './config.js';
import type { BrainContext } from './context.js';
import { assert, AuditFault, WorkerFault } from './faults.js';
import type { Attached, Audited, BrainCommand, BrainEvent, Walked, WorkerId } from './messages.js';
import { Scheduler } from './scheduler.js';
import {
  chainStatistics,
  Ledger,
  temperedStatistics,
  type BrainStatistics,
  type WorkerFaults,
} from './statistics.js';
import { TemperedChain } from './tempered-chain.js';
import { WorkerTable } from './workers.js';

/** One a chain, where chains are tempered: each goes on where its replicas have met. */
function temperedChains({ plan, rule, starts, ladders }: BrainConfig): TemperedChain[] {
  if (!isTempered(plan)) return [];
  return Array.from({ length: plan.chains }, (_, chain) => {
    const { sweep } = starts[chain * plan.tempering.replicas]!;
    return new TemperedChain(chain, plan, rule.seed, sweep, ladders?.[chain]);
  });
}

export class Brain {
  readonly #ledger = new Ledger();
  readonly #audits: AuditPlan;
  /** Walkers: chains, or replicas of tempered chains. */
  readonly #chains: readonly Chain[];
  /** One a chain, or none. */
  readonly #tempered: readonly TemperedChain[];
  readonly #workers: WorkerTable;
  readonly #scheduler: Scheduler;
  #commands: BrainCommand[] = [];
  readonly #faults = { audit: 0, answer: 0 };
  #isFinished = false;

  constructor(config: BrainConfig) {
    assert(config.starts.length === walkersOf(config.plan), 'one start a walker');
    assert(
      config.spread >= 1 && config.spread <= config.shards.length,
      'a chain is spread over 1 .. S workers',
    );
    this.#tempered = temperedChains(config);
    const { replicas = 1 } = config.plan.tempering ?? {};
    this.#chains = config.starts.map(
      (start, number) => new Chain(number, config.plan, start, this.#tempered[Math.floor(number / replicas)]),
    );
    this.#audits = new AuditPlan(this.#chains);
    const context: BrainContext = {
      config,
      pairs: neighbourPairs(config.rule.model),
      ledger: this.#ledger,
      audits: this.#audits,
      threadsOf: (worker) => this.#workers.get(worker).threads,
      emit: (command) => this.#commands.push(command),
      advance: (chain, stretch, spread) => this.#advance(chain, stretch, spread),
    };
    this.#workers = new WorkerTable(context);
    this.#scheduler = new Scheduler(context, this.#workers, this.#chains);
  }

  /** What there is to do before anything happens: `finished` where all draws are there already. */
  start(): BrainCommand[] {
    return this.#finishStep();
  }

  /** Hears an event; says what is to be done, in this order. After `finished` there is nothing more to do. */
  step(event: BrainEvent): BrainCommand[] {
    if (this.#isFinished) return [];
    try {
      this.#hear(event);
    } catch (fault) {
      if (!(fault instanceof WorkerFault)) throw fault;
      const kind = fault instanceof AuditFault ? 'audit' : 'answer';
      for (const worker of fault.workers) this.#drop(worker, kind, fault.message);
    }
    return this.#finishStep();
  }

  get statistics(): BrainStatistics {
    const teams = this.#scheduler.teams.filter(({ chains }) => chains > 0);
    const busy = new Set(teams.flatMap(({ group }) => group.workers));
    const workers = { loading: 0, idle: 0, working: 0 };
    for (const { id, wanted } of this.#workers.all()) {
      workers[busy.has(id) ? 'working' : wanted ? 'loading' : 'idle']++;
    }
    return {
      phases: { warmup: this.#ledger.warmup, sampling: this.#ledger.sampling },
      chains:
        this.#tempered.length > 0
          ? this.#tempered.map(temperedStatistics)
          : this.#chains.map((chain) => chainStatistics(chain)),
      workers,
      audits: this.#audits.passed,
      faults: { ...this.#faults },
      groups: teams.map(({ group, chains }) => ({ workers: group.workers.length, chains })),
    };
  }

  #hear(event: BrainEvent): void {
    if (event.type === 'attached' || event.type === 'walked') return this.#hearBatch(event);
    if (event.type === 'auditDue') return this.#audits.due();
    if (event.type === 'audited') return this.#hearAudited(event);
    if (event.type === 'extended') return this.#extend(event.draws);
    this.#scheduler.isStale = true;
    if (event.type === 'stopAsked') this.#scheduler.isStopping = true;
    else if (event.type === 'pace') this.#scheduler.soloSweepsPerJob = Math.max(1, event.soloSweepsPerJob);
    else if (event.type === 'workerJoined') this.#workers.join(event);
    else if (!this.#workers.has(event.worker)) return;
    else if (event.type === 'workerLost' || event.type === 'workerLeaving') this.#lose(event.worker);
    else this.#workers.loaded(event);
  }

  /** Most events are of this kind, and most of them change nothing about who walks what. */
  #hearBatch(event: Attached | Walked): void {
    const batch = this.#scheduler.batch(event.epoch);
    if (!batch || !this.#workers.has(event.worker)) return;
    batch.hear(event);
    if (batch.needsAttention) this.#scheduler.isStale = true;
  }

  #hearAudited({ worker, chain, differing }: Audited): void {
    if (!this.#workers.has(worker)) return;
    if (differing > 0) throw new AuditFault([worker], this.#audits.fault(chain, differing));
    this.#audits.passed++;
  }

  #extend(draws: number): void {
    const done = this.#chains.filter(({ isDone }) => isDone);
    for (const chain of this.#chains) {
      assert(draws > chain.plan.draws, 'draws that are wanted can only grow');
      chain.plan = { ...chain.plan, draws };
    }
    for (const tempered of this.#tempered) tempered.extend(draws);
    this.#scheduler.takeBack(done);
  }

  #lose(worker: WorkerId): void {
    if (this.#workers.remove(worker)) this.#scheduler.lose(worker);
  }

  #drop(worker: WorkerId, kind: keyof WorkerFaults, reason: string): void {
    if (!this.#workers.has(worker)) return;
    this.#scheduler.isStale = true;
    this.#faults[kind]++;
    this.#commands.push({ type: 'dropWorker', worker, reason });
    this.#lose(worker);
  }

  #advance(chain: Chain, stretch: Stretch, spread: boolean): void {
    this.#ledger.stretch(chain, spread, stretch.sweep - chain.boundary.sweep, stretch.counts);
    const { isWarm } = chain;
    const commands = chain.advance(stretch);
    this.#commands.push(...commands);
    // Replicas that have met are free to walk on.
    const haveMet = this.#tempered.length > 0 && commands.length > 0;
    if (chain.isWarm !== isWarm || haveMet) this.#scheduler.isStale = true;
  }

  #finishStep(): BrainCommand[] {
    this.#scheduler.arrange();
    if (this.#scheduler.isFinished) {
      this.#isFinished = true;
      this.#commands.push({ type: 'finished', stopped: this.#chains.some((chain) => !chain.isDone) });
    }
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }
}
