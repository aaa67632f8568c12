/** Keeps the tasks of a slot in order, one at a time, while tasks of other slots go on. */
export class SlotQueue {
  /** The last task of each slot that still runs; settles when it ends, well or badly. */
  readonly #tails = new Map<number, Promise<unknown>>();

  /** Runs `task` once every earlier task of these slots has ended. */
  run<T>(slots: readonly number[], task: () => Promise<T>): Promise<T> {
    const before = slots.map((slot) => this.#tails.get(slot)).filter((tail) => tail !== undefined);
    const start = (): Promise<T> => new Promise((resolve) => resolve(task()));
    const running = before.length === 0 ? start() : Promise.all(before).then(start);
    const settle = (): void => this.#settle(slots, tail);
    const tail: Promise<void> = running.then(settle, settle);
    for (const slot of slots) this.#tails.set(slot, tail);
    return running;
  }

  /** Resolves when all tasks given so far have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  #settle(slots: readonly number[], tail: Promise<unknown>): void {
    for (const slot of slots) if (this.#tails.get(slot) === tail) this.#tails.delete(slot);
  }
}
