/** A run as its clients see it: one object a coordinator. */
import type { Client, MethodDefinition } from '@grpc/grpc-js';
import type { RunStatus } from '../coordinator/status.js';
import { callUnary, makeClient } from '../wire/client.js';
import type { KnownEvent } from '../wire/codec/event.js';
import { decodeStatus } from '../wire/codec/status.js';
import { decodeSummary, type RunSummary } from '../wire/codec/summary.js';
import type { Identity } from '../wire/security/credentials.js';
import { chainService } from '../wire/services.js';
import { type Draw, type DrawsEnd, type DrawsOptions, streamDraws } from './draws.js';
import { inWords } from './errors.js';
import { type EventsOptions, streamEvents } from './events.js';
import { untilReady } from './ready.js';
import { decodeRun, type RunInfo } from './run-info.js';

export interface CallOptions {
  /** The call fails with DEADLINE_EXCEEDED after so long, milliseconds; by default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A run's status, and how far it is to go. */
export interface StatusAnswer {
  readonly status: RunStatus;
  /** Sweeps a chain, warm-up included. */
  readonly totalSweeps: number;
}

export interface WantedWeights {
  readonly weights?: readonly { readonly feature: number; readonly class: number }[];
  readonly worst?: number;
}

const TIMEOUT_MS = 30_000;
const SUMMARY_TIMEOUT_MS = 300_000;
const CONNECT_MS = 5_000;

export class RunClient {
  /** host:port of the coordinator. */
  readonly address: string;
  readonly #client: Client;
  readonly #identity: Identity | undefined;
  #run: RunInfo | undefined;

  /**
   * Connects when it is first used.
   * @param identity for a coordinator that serves over TLS; its certificates are closed with this client
   * @throws InputError when the address is malformed
   */
  constructor(address: string, identity?: Identity) {
    this.address = address;
    this.#identity = identity;
    this.#client = makeClient(address, identity);
  }

  /** Resolves when the coordinator can be reached. @throws ClientError when it can't within the time, 5 s by default */
  async ready({ timeoutMs = CONNECT_MS, signal }: CallOptions = {}): Promise<void> {
    await untilReady(this.#client, this.address, timeoutMs, signal);
  }

  /** What the run is. @throws ClientError */
  async run(options?: CallOptions): Promise<RunInfo> {
    const run = decodeRun(await this.#call(chainService.getRun, {}, options));
    this.#run = run;
    return run;
  }

  /** How the run stands. @throws ClientError */
  async status(options?: CallOptions): Promise<StatusAnswer> {
    const answer = await this.#call(chainService.getStatus, {}, options);
    return { status: decodeStatus(answer), totalSweeps: answer.totalSweeps ?? 0 };
  }

  /**
   * What the stored draws say; it may take seconds.
   * @param wanted weights by feature and class, and how many of those that mixed worst
   * @throws ClientError
   */
  async summary(
    { weights = [], worst = 0 }: WantedWeights = {},
    options: CallOptions = {},
  ): Promise<RunSummary> {
    const asked = weights.map(({ feature, class: classIndex }) => ({ feature, classIndex }));
    const request = { weights: asked, worst };
    const timeoutMs = options.timeoutMs ?? SUMMARY_TIMEOUT_MS;
    return decodeSummary(await this.#call(chainService.getSummary, request, { ...options, timeoutMs }));
  }

  /**
   * The run's draws, each once, in the order (draw, chain); read only as fast as they are taken. Connections that break
   * are made again. Leaving the loop ends the stream.
   * @throws ClientError; the signal's reason when it is aborted
   */
  async *draws(options: DrawsOptions = {}): AsyncGenerator<Draw, DrawsEnd> {
    const { signal } = options;
    const run = this.#run ?? (await this.run(signal ? { signal } : {}));
    return yield* streamDraws(this.#client, this.address, run, options);
  }

  /** What has happened, oldest first. @throws ClientError; the signal's reason when it is aborted */
  events(options: EventsOptions = {}): AsyncGenerator<KnownEvent, void> {
    return streamEvents(this.#client, this.address, options);
  }

  /**
   * Raises the number of draws of a run that has not ended; resolves when that is durable.
   * @param draws a chain
   * @throws ClientError
   */
  async extend(draws: number, options: CallOptions = {}): Promise<void> {
    await this.#call(chainService.extendRun, { draws }, options);
  }

  /**
   * Ends the run at the next sweep boundary; resolves when that is under way.
   * @param finish it counts as finished with the draws it has; else as stopped, and may go on later
   * @throws ClientError
   */
  async stop({
    finish = false,
    ...options
  }: CallOptions & { readonly finish?: boolean } = {}): Promise<void> {
    await this.#call(chainService.stopRun, { finish }, options);
  }

  /** Ends all connections. */
  close(): void {
    this.#client.close();
    this.#identity?.certificates.close();
  }

  async #call<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    { timeoutMs = TIMEOUT_MS, signal }: CallOptions = {},
  ): Promise<Response> {
    try {
      return await callUnary(this.#client, method, request, { timeoutMs, ...(signal ? { signal } : {}) });
    } catch (error) {
      signal?.throwIfAborted();
      throw inWords(error, this.address);
    }
  }
}
