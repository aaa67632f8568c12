/** Draws of a run as an async iterator that outlives its connections. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@grpc/grpc-js';
import type { MoveCounts } from '../kernel/kernel.js';
import { unpackWeights } from '../posterior/weights.js';
import { callServerStream } from '../wire/client.js';
import { decodeDraw, type PackedDraw } from '../wire/codec/draw.js';
import { v1 } from '../wire/messages.js';
import { chainService, type StreamDrawsRequest, type StreamDrawsResponse } from '../wire/services.js';
import { ClientError, inWords, isCut } from './errors.js';
import { untilReady } from './ready.js';
import type { RunInfo } from './run-info.js';

export interface DrawsOptions {
  /** Number of the first draw; by default 0. */
  readonly from?: number;
  /** Only draws with smaller numbers. */
  readonly to?: number;
  /** Only draws whose number is a multiple of this. */
  readonly every?: number;
  /** Only these chains. */
  readonly chains?: readonly number[];
  /** Number of the next draw of some chains, in place of `from`: where an earlier stream was left. */
  readonly next?: ReadonlyMap<number, number>;
  /** Wait for more draws until the run ends. */
  readonly follow?: boolean;
  /** false: lp and counts alone; `w` and `bits` are empty then. */
  readonly weights?: boolean;
  /** How long a coordinator that has gone away is waited for, milliseconds; by default a minute. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/** One draw of one chain. */
export class Draw implements PackedDraw {
  readonly chain!: number;
  readonly draw!: number;
  readonly sweep!: number;
  readonly logLikQ!: number;
  readonly lp!: number;
  readonly counts!: MoveCounts;
  readonly bits!: Uint8Array;
  readonly #weights: number;

  constructor(draw: PackedDraw, weights: number) {
    Object.assign(this, draw);
    this.#weights = weights;
  }

  /** One byte a weight, index j K + k; unpacked anew each time it is asked for. */
  get w(): Uint8Array {
    return unpackWeights(this.bits, this.bits.length > 0 ? this.#weights : 0);
  }
}

/** Why a stream has ended: all that is stored was sent, or the run has ended. */
export type DrawsEnd = 'stored' | 'finished' | 'stopped';

const ENDS: Readonly<Record<number, DrawsEnd>> = {
  [v1.StreamEnd.STREAM_END_STORED]: 'stored',
  [v1.StreamEnd.STREAM_END_FINISHED]: 'finished',
  [v1.StreamEnd.STREAM_END_STOPPED]: 'stopped',
};

const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;
/** A connection that lasts so long is one: patience begins anew. */
const STEADY_MS = 5_000;

/** Where a stream is: what it takes to go on with it over another connection. */
class Position {
  readonly #next: Map<number, number>;
  readonly #options: DrawsOptions;
  readonly #run: RunInfo;

  constructor(options: DrawsOptions, run: RunInfo) {
    this.#options = options;
    this.#run = run;
    const chains = options.chains ?? Array.from({ length: run.chains }, (_, chain) => chain);
    this.#next = new Map(chains.map((chain) => [chain, options.next?.get(chain) ?? options.from ?? 0]));
  }

  took({ chain, draw }: PackedDraw): void {
    const expected = this.#next.get(chain);
    if (expected === undefined || draw < expected) {
      throw new ClientError('INTERNAL', `draw ${draw} of chain ${chain} came unasked or twice`);
    }
    this.#next.set(chain, draw + 1);
  }

  get request(): StreamDrawsRequest {
    const { follow = false, every = 0, to = 0, weights = true } = this.#options;
    const { DRAW_ENCODING_CHANGES, DRAW_ENCODING_NONE } = v1.DrawEncoding;
    return {
      ...{ follow, every, toDraw: to, drawsId: this.#run.drawsId },
      encoding: weights ? DRAW_ENCODING_CHANGES : DRAW_ENCODING_NONE,
      chains: [...this.#next.keys()],
      cursors: [...this.#next].map(([chain, nextDraw]) => ({ chain, nextDraw })),
    };
  }
}

/**
 * Each draw once, in the order (draw, chain). A connection that breaks is made again, and the draws go on where they were.
 * @returns why there are no more
 * @throws ClientError; the signal's reason when it is aborted
 */
export async function* streamDraws(
  client: Client,
  address: string,
  run: RunInfo,
  options: DrawsOptions,
): AsyncGenerator<Draw, DrawsEnd> {
  const position = new Position(options, run);
  const { signal, patienceMs = PATIENCE_MS } = options;
  for (let lostAt: number | undefined; ;) {
    const openedAt = performance.now();
    try {
      for await (const { draws, end } of messages(client, position.request, run.weights, signal)) {
        for (const draw of draws) {
          lostAt = undefined;
          position.took(draw);
          yield new Draw(draw, run.weights);
        }
        if (end) return end;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isCut(error)) throw inWords(error, address);
    }
    const now = performance.now();
    if (lostAt === undefined || now - openedAt > STEADY_MS) lostAt = now;
    await untilReady(client, address, lostAt + patienceMs - now, signal);
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

interface Message {
  readonly draws: readonly PackedDraw[];
  readonly end: DrawsEnd | undefined;
}

/** The messages of one connection, as far as it goes. */
async function* messages(
  client: Client,
  request: StreamDrawsRequest,
  weights: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message> {
  signal?.throwIfAborted();
  const call = callServerStream(client, chainService.streamDraws, request);
  const cancel = (): void => call.cancel();
  // Also told to whoever iterates; between two iterations nobody would be listening.
  call.on('error', () => undefined);
  signal?.addEventListener('abort', cancel);
  const before = new Map<number, Uint8Array>();
  try {
    for await (const message of call as AsyncIterable<StreamDrawsResponse>) {
      const draws = (message.draws ?? []).map((draw) => {
        const decoded = decodeDraw(draw, weights, before.get(draw.chain ?? 0));
        before.set(decoded.chain, decoded.bits);
        return decoded;
      });
      yield { draws, end: ENDS[message.end ?? 0] };
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
