/** What clients ask: the run's facts, how it stands, its draws and events, its end. */
import {
  status,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { encodeEvent } from '../wire/codec/event.js';
import { badRequest, refusal, type CallError } from '../wire/rich-error.js';
import type {
  ExtendRunRequest,
  ExtendRunResponse,
  GetRunResponse,
  GetStatusResponse,
  GetSummaryResponse,
  StopRunRequest,
  StopRunResponse,
  StreamEventsRequest,
  StreamEventsResponse,
} from '../wire/services.js';
import { wantedDraws } from './draw-request.js';
import { DrawStream, type DrawCall, type DrawSource } from './draw-stream.js';
import type { EventLog } from './events.js';
import { answerSummary, type SummaryCall, type SummarySource } from './summary-call.js';
import { readerGone, writeWithRoom } from './server-stream.js';

/** As the command line has it. */
const MOST_DRAWS = 2 ** 31;

export interface ChainServiceHost extends DrawSource {
  readonly events: EventLog;
  readonly runId: string;
  readonly drawsId: string;
  /** Sums the draws up; absent where nobody can. */
  readonly summaries: SummarySource | undefined;
  /** Time in which the draws were made; 0 where it is not known. */
  readonly samplingSeconds: () => number;
  getRun(): GetRunResponse;
  getStatus(): GetStatusResponse;
  /** Raises the number of draws; says why that can't be, where it can't. */
  extend(draws: number): Promise<string | undefined>;
  /** Ends the run. @param finish as finished: it has all the draws it is to have */
  stop(finish: boolean): void;
}

type EventCall = ServerWritableStream<StreamEventsRequest, StreamEventsResponse>;
type ExtendCall = ServerUnaryCall<ExtendRunRequest, ExtendRunResponse>;
type StopCall = ServerUnaryCall<StopRunRequest, StopRunResponse>;

export class ChainService {
  readonly #host: ChainServiceHost;
  #written = 0;

  constructor(host: ChainServiceHost) {
    this.#host = host;
  }

  /** Draws written to readers so far: as long as it grows, somebody reads. */
  get written(): number {
    return this.#written;
  }

  get implementation(): UntypedServiceImplementation {
    return {
      getRun: (_call: unknown, answer: sendUnaryData<GetRunResponse>) => answer(null, this.#host.getRun()),
      getStatus: (_call: unknown, answer: sendUnaryData<GetStatusResponse>) =>
        answer(null, this.#host.getStatus()),
      stopRun: ({ request }: StopCall, answer: sendUnaryData<StopRunResponse>) => {
        this.#host.stop(request.finish ?? false);
        answer(null, {});
      },
      getSummary: (call: SummaryCall, answer: sendUnaryData<GetSummaryResponse>) =>
        void answerSummary(call, answer, this.#host.summaries, this.#host.samplingSeconds),
      extendRun: ({ request }: ExtendCall, answer: sendUnaryData<ExtendRunResponse>) =>
        void this.#extend(request.draws ?? 0, answer),
      streamDraws: (call: DrawCall) => void this.#streamDraws(call),
      streamEvents: (call: EventCall) => void this.#streamEvents(call),
    };
  }

  async #extend(draws: number, answer: sendUnaryData<ExtendRunResponse>): Promise<void> {
    const { draws: now = 0 } = this.#host.getRun();
    if (draws <= now! || draws > MOST_DRAWS) {
      const description = `must be more than ${now}, the run's draws a chain, and at most ${MOST_DRAWS}, got ${draws}`;
      return answer(badRequest([{ field: 'draws', description }]));
    }
    try {
      const refused = await this.#host.extend(draws);
      if (refused === undefined) return answer(null, { draws });
      answer(refusal(status.FAILED_PRECONDITION, 'NOT_EXTENDABLE', refused));
    } catch (error) {
      answer(
        refusal(status.UNAVAILABLE, 'STORE_FAILED', error instanceof Error ? error.message : String(error)),
      );
    }
  }

  async #streamDraws(call: DrawCall): Promise<void> {
    const { chains = 0, draws = 0 } = this.#host.getRun();
    const wanted = wantedDraws(call.request, {
      ...{ drawsId: this.#host.drawsId, chains: chains!, draws: draws! },
    });
    if ('code' in wanted) return fail(call, wanted);
    const gone = readerGone(call);
    const stream = new DrawStream(this.#host, wanted, call, gone, (count) => (this.#written += count));
    try {
      if (await stream.run()) call.end();
      else if (!gone.aborted) fail(call, refusal(status.UNAVAILABLE, 'RUN_FAILED', 'the run has failed'));
    } catch (error) {
      fail(call, refusal(status.DATA_LOSS, 'UNREADABLE', `stored draws can't be read: ${String(error)}`));
    }
  }

  async #streamEvents(call: EventCall): Promise<void> {
    const refused = this.#checkEvents(call.request);
    if (refused) return fail(call, refused);
    const { events } = this.#host;
    const gone = readerGone(call);
    for (let last = call.request.after ?? 0; !gone.aborted;) {
      const { isOver } = events;
      for (const event of events.after(last)) {
        if (!(await writeWithRoom(call, { event: encodeEvent(event) }, gone))) return;
        last = event.number;
      }
      if (isOver || !call.request.follow) break;
      if (events.last <= last) await events.more(gone);
    }
    call.end();
  }

  #checkEvents({ after, runId }: StreamEventsRequest): CallError | undefined {
    const { events, runId: own } = this.#host;
    if (runId && runId !== own) {
      const details = `run_id is ${runId}, this process is ${own}: its events are numbered anew`;
      return refusal(status.FAILED_PRECONDITION, 'OTHER_RUN', details);
    }
    if ((after ?? 0) <= events.last) return undefined;
    const description = `must be at most ${events.last}, the number of the newest event, got ${after}`;
    return badRequest([{ field: 'after', description }]);
  }
}

function fail(call: ServerWritableStream<unknown, unknown>, error: CallError): void {
  call.emit('error', error);
}
