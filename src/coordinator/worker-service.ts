/** The workers' side of the server: their streams and the shards they pull. */
import { status, type ServerWritableStream, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Rows } from '../posterior/rows.js';
import type { PullShardRequest, PullShardResponse } from '../wire/services.js';
import { readerGone, writeWithRoom } from './server-stream.js';
import { shardMessages } from './shard-stream.js';
import {
  SILENT_INTERVALS,
  WorkerLink,
  type JoinCall,
  type LinkContext,
  type LinkListener,
} from './worker-link.js';

export interface WorkerServiceHost extends Omit<LinkContext, 'listener'> {
  readonly runId: string;
  readonly listener: LinkListener;
  readonly heartbeatMs: number;
  readonly shardCount: number;
  shard(number: number): Rows;
}

type PullCall = ServerWritableStream<PullShardRequest, PullShardResponse>;

export class WorkerService {
  readonly #host: WorkerServiceHost;
  readonly #links = new Map<number, WorkerLink>();
  readonly #timer: NodeJS.Timeout;
  #nextWorker = 1;
  #tickedAt = performance.now();

  constructor(host: WorkerServiceHost) {
    this.#host = host;
    this.#timer = setInterval(() => this.#tick(), host.heartbeatMs);
  }

  get implementation(): UntypedServiceImplementation {
    const context = this.#context();
    return {
      join: (call: JoinCall) => void new WorkerLink(this.#nextWorker++, call, context),
      pullShard: (call: PullCall) => void this.#pull(call),
    };
  }

  /** The joined worker's link, unless it is lost. */
  link(worker: number): WorkerLink | undefined {
    return this.#links.get(worker);
  }

  /** Sends a worker away for good. */
  dismiss(worker: number, reason: string): void {
    this.#links.get(worker)?.finish(reason, true);
    this.#links.delete(worker);
  }

  /** Ends all streams. @param finished whether workers are told not to come back */
  close(reason: string, finished: boolean): void {
    clearInterval(this.#timer);
    for (const link of [...this.#links.values()]) {
      if (finished) link.finish(reason);
      else link.drop(reason);
    }
    this.#links.clear();
  }

  /** Keeps the table of links in step with what the listener hears. */
  #context(): LinkContext {
    const { listener, size } = this.#host;
    return {
      size,
      welcome: (worker) => this.#host.welcome(worker),
      closedBecause: () => this.#host.closedBecause(),
      listener: {
        joined: (link) => {
          this.#links.set(link.worker, link);
          listener.joined(link);
        },
        answered: (answer) => listener.answered(answer),
        leaving: (worker, reason) => listener.leaving(worker, reason),
        lost: (worker, reason) => {
          if (this.#links.delete(worker)) listener.lost(worker, reason);
        },
      },
    };
  }

  /** One heartbeat to everyone; whoever has been silent for too long is lost. */
  #tick(): void {
    const { heartbeatMs } = this.#host;
    const now = performance.now();
    const slept = now - this.#tickedAt > 2 * heartbeatMs;
    this.#tickedAt = now;
    for (const link of [...this.#links.values()]) {
      // After a pause of this process the silence may be our own: what came meanwhile is still unread.
      if (slept) link.forgive(now);
      if (link.silentMs(now) > SILENT_INTERVALS * heartbeatMs) {
        link.drop(`nothing was heard of it for ${Math.round(link.silentMs(now))} ms`);
      } else {
        link.beat();
      }
    }
  }

  async #pull(call: PullCall): Promise<void> {
    const { runId, shardCount } = this.#host;
    const shard = call.request.shard ?? 0;
    if (call.request.runId !== runId) {
      const details = `run ${call.request.runId ?? ''} is not served here, this is run ${runId}`;
      call.emit('error', { code: status.FAILED_PRECONDITION, details });
      return;
    }
    if (shard >= shardCount) {
      call.emit('error', {
        code: status.NOT_FOUND,
        details: `there are shards 0 to ${shardCount - 1}, no ${shard}`,
      });
      return;
    }
    const gone = readerGone(call);
    for (const message of shardMessages(this.#host.shard(shard))) {
      if (!(await writeWithRoom(call, message, gone))) return;
    }
    call.end();
  }
}
