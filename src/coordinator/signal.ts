/** Wakes all that wait for the next change of something. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next `wake`, or when the waiting one is gone. */
  next(gone: AbortSignal): Promise<void> {
    if (gone.aborted) return Promise.resolve();
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
}
