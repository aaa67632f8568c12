/** One worker's stream, seen from the coordinator: greeting, commands out, answers in, heartbeats, the end. */
import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { STREAM_VERSION } from '../posterior/stream.js';
import { WireError } from '../wire/check.js';
import { decodeAnswer, type WorkerAnswer } from '../wire/codec/answer.js';
import { encodeCommand, type WorkerCommand } from '../wire/codec/command.js';
import { decodeHello, type HelloFacts } from '../wire/codec/hello.js';
import { encodeWelcome, type WelcomeFacts } from '../wire/codec/rule.js';
import type { RunSize } from '../wire/codec/walk.js';
import type { JoinRequest, JoinResponse } from '../wire/services.js';
import { PROTOCOL_VERSION } from '../wire/version.js';
import { allowMessages } from './access/message-limit.js';
import { AnswerAccount } from './answer-account.js';

/** What a link tells its owner. `lost` comes once, after `joined`, whatever ended the stream. */
export interface LinkListener {
  joined(link: WorkerLink): void;
  answered(answer: WorkerAnswer): void;
  leaving(worker: number, reason: string): void;
  lost(worker: number, reason: string): void;
}

export interface LinkContext {
  /** What a worker of this number is welcomed with. */
  welcome(worker: number): WelcomeFacts;
  readonly size: RunSize;
  readonly listener: LinkListener;
  /** Why nobody may join any more; undefined while workers are wanted. */
  closedBecause(): string | undefined;
}

export type JoinCall = ServerDuplexStream<JoinRequest, JoinResponse>;

/** Silence of this many heartbeat intervals means dead. */
export const SILENT_INTERVALS = 3;

function versionsDiffer(hello: HelloFacts): string | undefined {
  if (hello.protocolVersion !== PROTOCOL_VERSION) {
    return `worker speaks protocol version ${hello.protocolVersion}, this coordinator ${PROTOCOL_VERSION}: install the same bitgibbs`;
  }
  if (hello.streamVersion !== STREAM_VERSION) {
    return `worker has random stream version ${hello.streamVersion}, this coordinator ${STREAM_VERSION}: install the same bitgibbs`;
  }
  return undefined;
}

export class WorkerLink {
  readonly worker: number;
  readonly #call: JoinCall;
  readonly #context: LinkContext;
  readonly #account: AnswerAccount;
  #hello: HelloFacts | undefined;
  #over = false;
  #heardAt = performance.now();

  constructor(worker: number, call: JoinCall, context: LinkContext) {
    this.worker = worker;
    this.#call = call;
    this.#context = context;
    this.#account = new AnswerAccount(context.size.weights, (bytes) => allowMessages(call.metadata, bytes));
    call.on('data', (message: JoinRequest) => this.#hear(message));
    call.on('end', () => this.#end('it closed the stream'));
    call.on('cancelled', () => this.#end('the connection broke'));
    call.on('error', (error) => this.#end(`the stream failed: ${error.message}`));
  }

  /** Facts of the greeting. Only for links that have joined. */
  get hello(): HelloFacts {
    return this.#hello!;
  }

  send(command: WorkerCommand): void {
    this.#account.asked(command);
    this.#write(encodeCommand(command));
  }

  /** Says that this side lives, unless older messages are still waiting to be read. */
  beat(): void {
    this.#account.beat();
    if (this.#hello && !this.#call.writableNeedDrain) this.#write({ heartbeat: {} });
  }

  /** Milliseconds since anything came. */
  silentMs(now: number): number {
    return now - this.#heardAt;
  }

  /** Forgives silence up to now: this process itself was not running. */
  forgive(now: number): void {
    this.#heardAt = now;
  }

  /**
   * Tells the worker not to come back, and ends the stream; the listener hears nothing more of it.
   * @param dropped because it broke a rule; else because the run is over
   */
  finish(reason: string, dropped = false): void {
    if (this.#over) return;
    this.#over = true;
    this.#call.write({ finish: { reason, dropped } });
    this.#call.end();
  }

  /** Breaks the stream; the worker may come back as a new one. */
  drop(reason: string, code: status = status.UNAVAILABLE): void {
    if (this.#over) return;
    this.#over = true;
    this.#call.emit('error', { code, details: reason });
    this.#tellLost(reason);
  }

  #write(message: JoinResponse): void {
    if (!this.#over) this.#call.write(message);
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    // The worker may have ended its half only: end ours too, or the call would stay open.
    this.#call.end();
    this.#tellLost(reason);
  }

  #tellLost(reason: string): void {
    if (this.#hello) this.#context.listener.lost(this.worker, reason);
  }

  #hear(message: JoinRequest): void {
    if (this.#over) return;
    this.#heardAt = performance.now();
    try {
      if (message.damaged !== undefined) throw new WireError(message.damaged);
      if (!this.#hello) this.#greet(message);
      else this.#listen(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.drop(error.message, status.INVALID_ARGUMENT);
    }
  }

  #greet(message: JoinRequest): void {
    if (!message.hello) throw new WireError('the first message must be hello');
    const hello = decodeHello(message.hello);
    const differ = versionsDiffer(hello);
    if (differ !== undefined) return this.drop(differ, status.FAILED_PRECONDITION);
    const closed = this.#context.closedBecause();
    if (closed !== undefined) return this.finish(closed);
    this.#hello = hello;
    this.#write({ welcome: encodeWelcome(this.#context.welcome(this.worker)) });
    this.#context.listener.joined(this);
  }

  #listen(message: JoinRequest): void {
    if (message.heartbeat) return this.#account.heartbeat();
    const { listener, size } = this.#context;
    if (message.leaving) listener.leaving(this.worker, message.leaving.reason ?? '');
    else {
      const answer = decodeAnswer(message, this.worker, size);
      this.#account.answered();
      listener.answered(answer);
    }
  }
}
