/** What clients ask: the run's facts and its draws. */
import {
  status,
  type ServerWritableStream,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Model } from '../posterior/model.js';
import { logPriorOfZeros, priorSumQ } from '../posterior/model.js';
import { NAT_Q } from '../posterior/grid.js';
import { packWeights } from '../posterior/weights.js';
import type { DrawReader, StoredDraw } from '../store/store.js';
import type { GetRunResponse, StreamDrawsRequest, StreamDrawsResponse } from '../wire/services.js';
import type { DrawFeed } from './draw-feed.js';
import { readerGone, writeWithRoom } from './server-stream.js';

export interface ChainServiceHost {
  readonly model: Model;
  readonly store: DrawReader;
  readonly feed: DrawFeed;
  /** Draws a chain that the run will have. */
  readonly draws: number;
  getRun(): GetRunResponse;
}

type DrawCall = ServerWritableStream<StreamDrawsRequest, StreamDrawsResponse>;

export class ChainService {
  readonly #host: ChainServiceHost;
  readonly #logPriorOfZeros: number;
  #written = 0;

  constructor(host: ChainServiceHost) {
    this.#host = host;
    this.#logPriorOfZeros = logPriorOfZeros(host.model);
  }

  /** Draws written to readers so far: as long as it grows, somebody reads. */
  get written(): number {
    return this.#written;
  }

  get implementation(): UntypedServiceImplementation {
    return {
      getRun: (_call: unknown, answer: sendUnaryData<GetRunResponse>) => answer(null, this.#host.getRun()),
      streamDraws: (call: DrawCall) => void this.#stream(call),
    };
  }

  async #stream(call: DrawCall): Promise<void> {
    const from = call.request.fromDraw ?? 0;
    if (from > this.#host.draws) {
      const details = `from_draw must be at most ${this.#host.draws}, the run's draws a chain, got ${from}`;
      call.emit('error', { code: status.INVALID_ARGUMENT, details });
      return;
    }
    const gone = readerGone(call);
    try {
      await this.#send(call, from, gone);
      call.end();
    } catch (error) {
      call.emit('error', { code: status.DATA_LOSS, details: `stored draws can't be read: ${String(error)}` });
    }
  }

  async #send(call: DrawCall, from: number, gone: AbortSignal): Promise<void> {
    const { store, feed } = this.#host;
    for (let next = from; !gone.aborted;) {
      // Read before the horizon: draws that come in between are seen in the next turn.
      const isLast = feed.over || !call.request.follow;
      const to = store.horizon;
      for await (const draw of store.read(next, to)) {
        if (!(await writeWithRoom(call, this.#message(draw), gone))) return;
        this.#written++;
      }
      next = Math.max(next, to);
      if (isLast) return;
      if (store.horizon <= next) await feed.changed(gone);
    }
  }

  #message({ chain, draw, sweep, w, logLikQ, counts }: StoredDraw): StreamDrawsResponse {
    const lp = (logLikQ + priorSumQ(this.#host.model, w)) / NAT_Q + this.#logPriorOfZeros;
    return { chain, draw, sweep, bits: packWeights(w), logLikQ, lp, counts };
  }
}
