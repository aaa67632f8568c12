/** One stream to the coordinator, from hello to its end. */
import { status, type Client, type ClientDuplexStream } from '@grpc/grpc-js';
import { InputError } from '../posterior/model.js';
import { callDuplex, isServiceError } from '../wire/client.js';
import { decodeCommand, type WorkerCommand } from '../wire/codec/command.js';
import { encodeHello, type HelloFacts } from '../wire/codec/hello.js';
import { decodeWelcome, type WelcomeFacts } from '../wire/codec/rule.js';
import { encodeAnswer, type WorkerAnswer } from '../wire/codec/answer.js';
import type { RunSize } from '../wire/codec/walk.js';
import { workerService, type JoinRequest, type JoinResponse } from '../wire/services.js';

/** How a session ended. */
export interface SessionEnd {
  /**
   * - `finished`: the run is over; `dropped`: the coordinator doesn't want this worker; `left`: on our own wish;
   * - `refused`: the coordinator can't work with this version, or doesn't let this worker in;
   * - `broken`: the coordinator is gone or silent; `failed`: something went wrong here. Another try may mend both.
   */
  readonly kind: 'finished' | 'dropped' | 'left' | 'refused' | 'broken' | 'failed';
  /** One line. */
  readonly reason: string;
}

/** Carries out commands; a rejection ends the session. */
export type CommandHandler = (command: WorkerCommand) => Promise<WorkerAnswer | undefined>;

export interface SessionOptions {
  readonly client: Client;
  readonly hello: HelloFacts;
  /** Prepares for the run; what it returns carries out the commands that follow. */
  readonly welcomed: (welcome: WelcomeFacts) => Promise<CommandHandler>;
  /** Aborted when this worker is to leave; its reason goes to the coordinator's log. */
  readonly leave: AbortSignal;
}

/** Silence of this many heartbeat intervals means that the coordinator is dead. */
const SILENT_INTERVALS = 3;
/** How long a coordinator that doesn't welcome is waited for. */
const WELCOME_TIMEOUT_MS = 15_000;
/** How long the coordinator may take to close the stream of a worker that goes. */
const GOODBYE_TIMEOUT_MS = 1_000;

/** Statuses that another try would end with too: of another version, not let in, of another role. */
const REFUSED = [status.FAILED_PRECONDITION, status.UNAUTHENTICATED, status.PERMISSION_DENIED];

/** Runs a session to its end; never rejects. */
export function runSession(options: SessionOptions): Promise<SessionEnd> {
  return new Session(options).ended;
}

/** An error on this side. */
function failure(error: unknown): SessionEnd {
  return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
}

class Session {
  readonly ended: Promise<SessionEnd>;
  readonly #options: SessionOptions;
  readonly #call: ClientDuplexStream<JoinRequest, JoinResponse>;
  readonly #onLeave = (): void =>
    this.#sayGoodbye({ kind: 'left', reason: String(this.#options.leave.reason) });
  #resolve: (end: SessionEnd) => void = () => {};
  #over = false;
  /** Set once this side has said that it goes. */
  #goodbye: SessionEnd | undefined;
  #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  #tickedAt = performance.now();
  #welcome: WelcomeFacts | undefined;
  #size: RunSize | undefined;
  /** Commands that arrive before the run is prepared wait for it. */
  #handler: Promise<CommandHandler> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    this.#call = callDuplex(options.client, workerService.join);
    this.#call.on('data', (message: JoinResponse) => this.#hear(message));
    this.#call.on('error', (error) => this.#fail(error));
    this.#call.on('end', () => this.#end({ kind: 'broken', reason: 'the coordinator closed the stream' }));
    this.#timer = setTimeout(() => this.#giveUp('no welcome came'), WELCOME_TIMEOUT_MS);
    this.#write({ hello: encodeHello(options.hello) });
    if (options.leave.aborted) this.#onLeave();
    else options.leave.addEventListener('abort', this.#onLeave);
  }

  #write(message: JoinRequest): void {
    if (!this.#over) this.#call.write(message);
  }

  #end(end: SessionEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#options.leave.removeEventListener('abort', this.#onLeave);
    this.#resolve(this.#goodbye ?? end);
  }

  /** Tells the coordinator why this side goes, and gives it a moment to close the stream. */
  #sayGoodbye(end: SessionEnd): void {
    if (this.#over || this.#goodbye) return;
    this.#goodbye = end;
    this.#write({ leaving: { reason: end.reason } });
    this.#call.end();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(end.reason), GOODBYE_TIMEOUT_MS);
  }

  /** Ends a session whose other side may be gone or wrong. */
  #giveUp(reason: string): void {
    this.#end({ kind: 'broken', reason });
    this.#call.cancel();
  }

  #fail(error: Error): void {
    if (!isServiceError(error)) return this.#end({ kind: 'broken', reason: error.message });
    const { code, details } = error;
    if (REFUSED.includes(code)) this.#end({ kind: 'refused', reason: details });
    else if (code === status.UNIMPLEMENTED) {
      this.#end({ kind: 'refused', reason: `what answers there is no bitgibbs coordinator (${details})` });
    } else this.#end({ kind: 'broken', reason: details });
  }

  #hear(message: JoinResponse): void {
    if (this.#over || this.#goodbye) return;
    this.#heardAt = performance.now();
    try {
      if (message.finish) this.#finish(message.finish.reason ?? '', message.finish.dropped ?? false);
      else if (message.welcome) this.#begin(decodeWelcome(message.welcome));
      else if (!message.heartbeat) this.#obey(message);
    } catch (error) {
      this.#sayGoodbye(failure(error));
    }
  }

  #finish(reason: string, dropped: boolean): void {
    this.#call.end();
    this.#end({ kind: dropped ? 'dropped' : 'finished', reason });
  }

  #begin(welcome: WelcomeFacts): void {
    const { features, classes } = welcome.rule.model;
    this.#welcome = welcome;
    this.#size = { weights: features * classes, features, chains: welcome.chains };
    clearTimeout(this.#timer);
    this.#tickedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(welcome.heartbeatMs), welcome.heartbeatMs);
    this.#handler = this.#options.welcomed(welcome);
    // What can't run here now can't run here in the next session either.
    this.#handler.catch((error: unknown) => {
      const { kind, reason } = failure(error);
      this.#sayGoodbye({ kind: error instanceof InputError ? 'refused' : kind, reason });
    });
  }

  #tick(heartbeatMs: number): void {
    const now = performance.now();
    // After a pause of this process the silence may be our own: what came meanwhile is still unread.
    if (now - this.#tickedAt > 2 * heartbeatMs) this.#heardAt = now;
    this.#tickedAt = now;
    const silentMs = now - this.#heardAt;
    if (silentMs > SILENT_INTERVALS * heartbeatMs) {
      this.#giveUp(`nothing was heard of the coordinator for ${Math.round(silentMs)} ms`);
    } else if (!this.#call.writableNeedDrain) {
      this.#write({ heartbeat: {} });
    }
  }

  #obey(message: JoinResponse): void {
    if (!this.#welcome || !this.#size || !this.#handler) throw new Error('a command came before the welcome');
    const command = decodeCommand(message, this.#welcome.worker, this.#size);
    this.#handler
      .then((handle) => (this.#over ? undefined : handle(command)))
      .then((answer) => answer && this.#write(encodeAnswer(answer)))
      .catch((error: unknown) => this.#sayGoodbye(failure(error)));
  }
}
