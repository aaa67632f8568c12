/** What a coordinator is told, and what it gives back. */
import type { ChainRule, KernelChoice } from '../kernel/kernel.js';
import type { Rows } from '../posterior/rows.js';
import type { RunPlan } from '../sampler/run-plan.js';
import type { DrawStore } from '../store/store.js';
import type { Pages } from '../telemetry/http.js';
import type { Log } from '../telemetry/log.js';
import type { Access, ServerLoad } from './grpc-server.js';
import type { RunStatus } from './status.js';
import type { SummarySource } from './summary-call.js';

export interface CoordinatorOptions {
  readonly rule: ChainRule;
  readonly plan: RunPlan;
  /** All rows; checked with `checkRows`. */
  readonly rows: Rows;
  /** Of the data as read, for clients. */
  readonly dataSha256: string;
  /** What clients are told of the data; by default no name, and classes 0 .. K - 1. */
  readonly data?: { readonly name: string; readonly classNames: readonly string[] };
  /** Sums up the draws for clients; closed at the end of the run. */
  readonly summaries?: SummarySource;
  /** The data are cut into so many shards, and chains are spread over as many workers while sampling. */
  readonly shards: number;
  /** Open, and resumed from where it says; closed at the end of the run. */
  readonly store: DrawStore;
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  /** Who may come in; by default anyone on this machine. */
  readonly access?: Access;
  /** host:port of the metrics server; none by default. */
  readonly metricsAddress?: string;
  /** Folder that the store writes to, for metrics of its disk. */
  readonly storeFolder?: string;
  /** Pages that the metrics server has beside the metrics. */
  readonly pages?: (status: () => RunStatus) => Pages;
  /** Workers that the run waits for before it begins; by default 1. */
  readonly waitForWorkers?: number;
  /** Workers started with kernel auto take this; by default auto. */
  readonly kernel?: KernelChoice;
  /** A side silent for three of these is taken for dead; by default 2 s. */
  readonly heartbeatMs?: number;
  /** A worker that takes longer than this for an answer, and far longer than ever so far, is given up; by default 60 s. */
  readonly answerMs?: number;
  /** Draws become durable and visible at least this often; by default every 2 s. */
  readonly flushMs?: number;
  /** How long a stop waits for chains to come to a boundary; by default 5 s. */
  readonly stopMs?: number;
  /** Asked when all draws are stored, and when the stop rule is met: a run that doesn't stand ends as stopped. */
  readonly stands?: () => Promise<boolean>;
  /** When the run is finished, its draws are served until this resolves; by default it has. */
  readonly stay?: Promise<void> | undefined;
  readonly log: Log;
}

export interface RunOutcome {
  readonly kind: 'finished' | 'stopped';
  /** Draws that every chain has stored. */
  readonly draws: number;
}

export interface CoordinatorHandle {
  /** host:port as bound. */
  readonly address: string;
  readonly metricsAddress: string | undefined;
  status(): RunStatus;
  /** Connections and calls under way. */
  load(): ServerLoad;
  /** Resolves when the run is over and everything is stored; rejects as `finished` does. */
  readonly over: Promise<RunOutcome>;
  /**
   * Resolves when the run is over, everything is stored and the server closed; rejects, with the server closed, when
   * the run can't go on (a full disk, say).
   */
  readonly finished: Promise<RunOutcome>;
  /** Ends the run at the next sweep boundary, or after a few seconds; what is stored can be resumed. */
  stop(): Promise<RunOutcome>;
  /**
   * Ends the run as `stop` does, yet as finished: it has all the draws it is to have.
   * @param reason of the rule that was met, for clients
   */
  enough(reason?: string): Promise<RunOutcome>;
}
