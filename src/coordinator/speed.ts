/** Speed over the last few seconds, from totals read now and then. */
const WINDOW_MS = 5_000;

export class Speed {
  readonly #samples: { at: number; total: number }[] = [];

  /** Notes a total. @param at milliseconds, of any clock that only grows */
  note(at: number, total: number): void {
    this.#samples.push({ at, total });
    while (this.#samples.length > 2 && at - this.#samples[1]!.at >= WINDOW_MS) this.#samples.shift();
  }

  /** Units a second over the noted window; 0 before there are two notes. */
  get perSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return ((last.total - first.total) / (last.at - first.at)) * 1000;
  }
}
