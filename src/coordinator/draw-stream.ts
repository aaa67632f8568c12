/** One reader's stream of draws: read from the store as fast as the reader takes them, a few messages ahead at most. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { NAT_Q } from '../posterior/grid.js';
import { logPriorOfZeros, priorSumQ, type Model } from '../posterior/model.js';
import { packWeights } from '../posterior/weights.js';
import type { DrawReader, StoredDraw } from '../store/store.js';
import { changedGaps } from '../wire/codec/draw.js';
import { v1 } from '../wire/messages.js';
import type { StreamDrawsRequest, StreamDrawsResponse } from '../wire/services.js';
import type { DrawFeed } from './draw-feed.js';
import type { WantedDraws } from './draw-request.js';
import { writeWithRoom } from './server-stream.js';

/** A message is sent once it has so many draws, or so many bytes of weights. */
const MESSAGE_DRAWS = 256;
const MESSAGE_BYTES = 2 ** 15;

export interface DrawSource {
  readonly model: Model;
  readonly store: DrawReader;
  readonly feed: DrawFeed;
}

export type DrawCall = ServerWritableStream<StreamDrawsRequest, StreamDrawsResponse>;

/** The reader is gone; nothing more is to be done. */
class ReaderGone extends Error {}

export class DrawStream {
  readonly #source: DrawSource;
  readonly #wanted: WantedDraws;
  readonly #call: DrawCall;
  readonly #gone: AbortSignal;
  readonly #written: (draws: number) => void;
  readonly #logPriorOfZeros: number;
  /** Bits of each chain's last draw, where only changes are wanted. */
  readonly #previous = new Map<number, Uint8Array>();
  #pending: v1.Draw.$Properties[] = [];

  /** @param written called with the number of draws of each message that has been handed over */
  constructor(
    source: DrawSource,
    wanted: WantedDraws,
    call: DrawCall,
    gone: AbortSignal,
    written: (draws: number) => void,
  ) {
    this.#source = source;
    this.#wanted = wanted;
    this.#call = call;
    this.#gone = gone;
    this.#written = written;
    this.#logPriorOfZeros = logPriorOfZeros(source.model);
  }

  /**
   * Sends what is wanted, until the end or until the reader is gone.
   * @returns whether the end was sent; not where the run failed or the reader is gone
   */
  async run(): Promise<boolean> {
    try {
      return await this.#sendAll();
    } catch (error) {
      if (error instanceof ReaderGone) return false;
      throw error;
    }
  }

  async #sendAll(): Promise<boolean> {
    const { store, feed } = this.#source;
    const { next: first, to: limit, follow } = this.#wanted;
    for (let next = Math.min(...first); !this.#gone.aborted;) {
      // Read before the horizon: draws that come in between are seen in the next turn.
      const { ended } = feed;
      const to = Math.min(store.horizon, limit);
      await this.#sendRange(next, to);
      next = Math.max(next, to);
      if (ended === 'failed') return false;
      if (next >= limit || !follow) return this.#end(v1.StreamEnd.STREAM_END_STORED);
      if (ended === 'finished') return this.#end(v1.StreamEnd.STREAM_END_FINISHED);
      if (ended === 'stopped') return this.#end(v1.StreamEnd.STREAM_END_STOPPED);
      if (store.horizon <= next) await feed.changed(this.#gone);
    }
    return false;
  }

  async #sendRange(from: number, to: number): Promise<void> {
    const { next, every } = this.#wanted;
    const perMessage = this.#perMessage();
    for await (const draw of this.#source.store.read(from, to)) {
      if (draw.draw % every !== 0 || draw.draw < next[draw.chain]!) continue;
      this.#pending.push(this.#message(draw));
      if (this.#pending.length >= perMessage) await this.#flush();
    }
    if (this.#pending.length > 0) await this.#flush();
  }

  #perMessage(): number {
    const { features, classes } = this.#source.model;
    return Math.max(1, Math.min(MESSAGE_DRAWS, Math.floor(MESSAGE_BYTES / ((features * classes) / 8))));
  }

  async #flush(): Promise<void> {
    const draws = this.#pending;
    this.#pending = [];
    await this.#write({ draws, storedDraws: this.#source.store.horizon });
    this.#written(draws.length);
  }

  async #end(end: v1.StreamEnd): Promise<boolean> {
    await this.#write({ draws: [], storedDraws: this.#source.store.horizon, end });
    return true;
  }

  async #write(message: StreamDrawsResponse): Promise<void> {
    if (!(await writeWithRoom(this.#call, message, this.#gone))) throw new ReaderGone();
  }

  #message({ chain, draw, sweep, w, logLikQ, counts }: StoredDraw): v1.Draw.$Properties {
    const lp = (logLikQ + priorSumQ(this.#source.model, w)) / NAT_Q + this.#logPriorOfZeros;
    return { chain, draw, sweep, logLikQ, lp, counts, ...this.#weights(chain, w) };
  }

  #weights(chain: number, w: Uint8Array): Pick<v1.Draw.$Properties, 'bits' | 'changed'> {
    const { encoding } = this.#wanted;
    if (encoding === 'none') return {};
    const bits = packWeights(w);
    if (encoding === 'bits') return { bits };
    const before = this.#previous.get(chain);
    this.#previous.set(chain, bits);
    const gaps = before && changedGaps(before, bits);
    return gaps ? { changed: { gaps } } : { bits };
  }
}
