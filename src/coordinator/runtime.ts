/** The brain's networked driver: hands it what happens, carries out what it says. */
import { performance } from 'node:perf_hooks';
import type { AuditedState, BrainCommand, BrainEvent, WorkerJoined } from './brain/messages.js';
import type { Brain } from './brain/brain.js';
import type { WorkerAnswer } from '../wire/codec/answer.js';
import type { Log, LogLevel } from '../telemetry/log.js';
import type { WorkerCommand } from '../wire/codec/command.js';
import type { DrawStore } from '../store/store.js';
import { AuditClock } from './audit-clock.js';
import { Deadlines } from './deadlines.js';
import type { NewEvent } from './events.js';
import type { Flusher } from './flusher.js';
import type { Pacer } from './pacer.js';
import type { Roster } from './roster.js';
import type { RoundClock } from './round-clock.js';
import type { LinkListener, WorkerLink } from './worker-link.js';

/** Of what is told about workers; the rest is info. */
const LEVEL_OF: Partial<Record<NewEvent['kind'], LogLevel>> = {
  'worker-lost': 'warn',
  'worker-dropped': 'error',
};

export interface RuntimeHost {
  readonly brain: Brain;
  readonly store: DrawStore;
  readonly flusher: Flusher;
  readonly roster: Roster;
  readonly clock: RoundClock;
  readonly pacer: Pacer;
  /** Workers that the run waits for before it begins. */
  readonly waitForWorkers: number;
  /** See CoordinatorOptions. */
  readonly answerMs: number | undefined;
  readonly log: Log;
  event(event: NewEvent): void;
  link(worker: number): WorkerLink | undefined;
  /** Sends a worker away for good. */
  dismiss(worker: number, reason: string): void;
  /** An audited state of a chain. */
  audited(state: AuditedState): void;
  /** The brain is done. */
  finished(stopped: boolean): void;
  /** The run can't go on. */
  failed(error: unknown): void;
}

export class Runtime implements LinkListener {
  readonly #host: RuntimeHost;
  readonly #events: BrainEvent[] = [];
  /** Workers that joined before the run began. */
  #early: Map<number, WorkerJoined> | undefined = new Map();
  #audits: AuditClock | undefined;
  #deadlines: Deadlines | undefined;
  #stepping = false;
  #over = false;

  constructor(host: RuntimeHost) {
    this.#host = host;
  }

  /** Whether enough workers have joined. */
  get begun(): boolean {
    return this.#early === undefined;
  }

  joined(link: WorkerLink): void {
    const { worker, hello } = link;
    const { roster, waitForWorkers } = this.#host;
    roster.join(worker, hello);
    const threads = `${hello.threads} ${hello.threads === 1 ? 'thread' : 'threads'}`;
    this.#tellOf('worker-joined', worker, `${roster.name(worker)} joined with ${threads}`);
    const event: WorkerJoined = {
      type: 'workerJoined',
      worker,
      threads: hello.threads,
      memoryBytes: hello.memoryBytes,
    };
    if (!this.#early) return this.tell(event);
    this.#early.set(worker, event);
    if (this.#early.size < waitForWorkers) return;
    const waiting = [...this.#early.values()];
    this.#early = undefined;
    waiting.forEach((early) => this.tell(early));
  }

  answered(answer: WorkerAnswer): void {
    const { roster, clock, pacer } = this.#host;
    if (answer.type === 'attached' || answer.type === 'walked') {
      this.#deadlines?.answered(answer, performance.now());
    }
    if (answer.type === 'audited') this.#audits?.spent(answer.seconds);
    if (answer.type === 'loaded') roster.loaded(answer.worker, answer.shards);
    if (answer.type === 'walked') {
      const now = performance.now();
      clock.answered(answer, now);
      const pace = pacer.answered(answer, now);
      if (pace) this.tell(pace);
    }
    this.tell(answer);
  }

  leaving(worker: number, reason: string): void {
    this.#host.roster.leaving(worker);
    this.#tellOf('worker-left', worker, `${this.#host.roster.name(worker)} leaves: ${reason}`);
    if (!this.#early?.delete(worker)) this.tell({ type: 'workerLeaving', worker });
  }

  lost(worker: number, reason: string): void {
    const { roster, log } = this.#host;
    const text = `lost ${roster.name(worker)}: ${reason}`;
    if (!this.#over && roster.isLeaving(worker)) log(text, { worker });
    else if (!this.#over) this.#tellOf('worker-lost', worker, text);
    roster.remove(worker);
    this.#deadlines?.forget(worker);
    this.#host.clock.reset();
    this.#host.pacer.reset();
    if (!this.#early?.delete(worker)) this.tell({ type: 'workerLost', worker });
  }

  /** Asks the brain for its first commands. */
  start(): void {
    this.#audits = new AuditClock({
      threads: () => this.#host.roster.threads,
      due: () => this.tell({ type: 'auditDue' }),
    });
    this.#deadlines = new Deadlines({
      leastMs: this.#host.answerMs,
      overdue: (worker, waitedMs) =>
        this.#host.link(worker)?.drop(`it has not answered for ${Math.round(waitedMs / 1000)} s`),
    });
    for (const command of this.#host.brain.start()) this.#carryOut(command);
  }

  /** Hands the brain an event; one that comes while it is at work waits its turn. */
  tell(event: BrainEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#events.shift(); next && !this.#over; next = this.#events.shift()) {
        for (const command of this.#host.brain.step(next)) this.#carryOut(command);
      }
    } catch (error) {
      this.close();
      this.#host.failed(error);
    } finally {
      this.#stepping = false;
    }
  }

  /** Nothing is told to the brain any more. */
  close(): void {
    this.#audits?.stop();
    this.#deadlines?.stop();
    this.#over = true;
    this.#events.length = 0;
  }

  #carryOut(command: BrainCommand): void {
    const { store, flusher, log } = this.#host;
    switch (command.type) {
      case 'draw':
        store.append(command);
        flusher.touch();
        return this.#host.audited(command);
      case 'warmupDraw':
        store.appendWarmup(command);
        flusher.touch();
        return this.#host.audited(command);
      case 'checkpoint':
        store.checkpoint(command);
        flusher.touch();
        return this.#host.audited(command);
      case 'dropWorker':
        return this.#drop(command.worker, command.reason);
      case 'finished':
        this.close();
        return this.#host.finished(command.stopped);
      case 'notice':
        return log(command.text);
      default:
        return this.#send(command);
    }
  }

  #send(command: WorkerCommand): void {
    const { clock, pacer, roster } = this.#host;
    if (command.type === 'attach' || command.type === 'walk') {
      this.#deadlines?.asked(command, performance.now());
    }
    if (command.type === 'walk') {
      const now = performance.now();
      clock.asked(command, now);
      pacer.asked(command, now);
    }
    roster.told(command);
    // A worker that was lost a moment ago: the brain is about to hear of it.
    this.#host.link(command.worker)?.send(command);
  }

  #tellOf(kind: NewEvent['kind'], worker: number, text: string): void {
    const level = LEVEL_OF[kind];
    this.#host.log(text, level ? { worker, level } : { worker });
    this.#host.event({ kind, worker, text });
  }

  #drop(worker: number, reason: string): void {
    this.#tellOf('worker-dropped', worker, `dropped ${this.#host.roster.name(worker)}: ${reason}`);
    this.#host.dismiss(worker, reason);
    this.#deadlines?.forget(worker);
    this.#host.roster.remove(worker, true);
  }
}
