/** What a worker process is told, and how it ends. */
import type { KernelChoice } from '../kernel/kernel.js';
import type { Log } from '../telemetry/log.js';
import type { Identity } from '../wire/security/credentials.js';

export interface WorkerOptions {
  /** host:port of the coordinator. */
  readonly coordinator: string;
  /** For a coordinator that serves over TLS. */
  readonly identity?: Identity;
  readonly threads: number;
  /** `auto` follows the coordinator's wish, and where that is auto too, the faster one. */
  readonly kernel: KernelChoice;
  /** Memory that shards and slots may take, in bytes; by default a part of what this machine has. */
  readonly memoryBytes?: number;
  /** For logs and metrics; by default host and process id. */
  readonly name?: string;
  /** How long a coordinator is waited for at first, in ms; by default 30 s. */
  readonly connectTimeoutMs?: number;
  /** How long one that was there is waited for, in ms; by default 5 minutes. */
  readonly reconnectTimeoutMs?: number;
  /** host:port of the metrics server; none by default. */
  readonly metricsAddress?: string;
  readonly log: Log;
  /** Aborted (reason: a line) when the worker is to leave the run and end. */
  readonly signal?: AbortSignal;
}

export interface WorkerOutcome {
  /** `finished`: the run is over; `left`: the signal said so; `dropped`: the coordinator wants this worker no more. */
  readonly kind: 'finished' | 'left' | 'dropped';
  readonly reason: string;
}
