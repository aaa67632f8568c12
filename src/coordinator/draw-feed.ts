/** Wakes the readers of draws when more are durable, and when no more will come. */
export class DrawFeed {
  #over = false;
  #waiting = new Set<() => void>();

  /** Whether the run has ended: what is stored now is all. */
  get over(): boolean {
    return this.#over;
  }

  /** More draws are durable. */
  grown(): void {
    this.#wake();
  }

  /** No more draws will come. */
  end(): void {
    this.#over = true;
    this.#wake();
  }

  /** Resolves at the next change, or when the reader is gone. */
  changed(gone: AbortSignal): Promise<void> {
    if (this.#over || gone.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        gone.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      gone.addEventListener('abort', wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
