/** Says when a full recompute is due, so that all of them together take a small share of the workers' time. */
import { performance } from 'node:perf_hooks';

/** Share of the threads' time. */
const SHARE = 1 / 200;
/** What an audit costs beside its own seconds: messages, and a chain that waits. */
const OVERHEAD_SECONDS = 0.0005;
const TICK_MS = 100;

export interface AuditClockOptions {
  /** Threads of all workers. */
  threads(): number;
  due(): void;
}

export class AuditClock {
  readonly #options: AuditClockOptions;
  readonly #timer: NodeJS.Timeout;
  #tickedAt = performance.now();
  /** Seconds that audits may still take; less than 0 after a long one. */
  #allowance = 0;

  constructor(options: AuditClockOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.tick(performance.now()), TICK_MS);
  }

  /** A thread has spent this on an audit. */
  spent(seconds: number): void {
    this.#allowance -= seconds + OVERHEAD_SECONDS;
  }

  /** @param now milliseconds */
  tick(now: number): void {
    const earned = (SHARE * this.#options.threads() * (now - this.#tickedAt)) / 1000;
    this.#tickedAt = now;
    // What wasn't used is not saved up.
    this.#allowance = Math.min(this.#allowance, 0) + earned;
    if (this.#allowance > 0) this.#options.due();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
