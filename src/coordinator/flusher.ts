/** Makes draws durable every now and then, and tells the readers. */
import { performance } from 'node:perf_hooks';
import type { DrawStore } from '../store/store.js';
import type { DrawFeed } from './draw-feed.js';

export interface FlusherOptions {
  readonly store: DrawStore;
  readonly feed: DrawFeed;
  readonly intervalMs: number;
  /** A flush took so many seconds. */
  flushed(seconds: number): void;
  /** The store can't write. */
  failed(error: unknown): void;
}

export class Flusher {
  readonly #options: FlusherOptions;
  readonly #timer: NodeJS.Timeout;
  #dirty = false;
  #flushing = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.intervalMs);
  }

  /** Something was appended. */
  touch(): void {
    this.#dirty = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (!this.#dirty || this.#flushing) return;
    this.#dirty = false;
    this.#flushing = true;
    const begunAt = performance.now();
    this.#options.store
      .flush()
      .then(() => {
        this.#options.flushed((performance.now() - begunAt) / 1000);
        this.#options.feed.grown();
      }, this.#options.failed)
      .finally(() => (this.#flushing = false));
  }
}
