/** Wakes the readers of draws when more are durable, and when no more will come. */
import { Signal } from './signal.js';

export type FeedEnd = 'finished' | 'stopped' | 'failed';

export class DrawFeed {
  #ended: FeedEnd | undefined;
  readonly #signal = new Signal();

  /** How the run has ended, once it has: what is stored then is all. */
  get ended(): FeedEnd | undefined {
    return this.#ended;
  }

  /** More draws are durable. */
  grown(): void {
    this.#signal.wake();
  }

  /** No more draws will come. */
  end(how: FeedEnd): void {
    this.#ended = how;
    this.#signal.wake();
  }

  /** Resolves at the next change, or when the reader is gone. */
  changed(gone: AbortSignal): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#signal.next(gone);
  }
}
