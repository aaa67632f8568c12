/** First-fit allocator of byte ranges, each a multiple of 64 bytes; neighbouring free ranges are joined. */

const ALIGNMENT = 64;

interface Range {
  start: number;
  end: number;
}

export function roundUp(bytes: number, to = ALIGNMENT): number {
  return Math.ceil(bytes / to) * to;
}

export class Allocator {
  /** Free ranges in ascending order, none touching the next. */
  readonly #free: Range[] = [];
  #end: number;

  /**
   * @param start first byte that may be handed out
   * @param grow makes bytes up to `end` usable, or throws
   */
  constructor(
    start: number,
    private readonly grow: (end: number) => void,
  ) {
    this.#end = roundUp(start);
  }

  /** Address of `bytes` bytes with any content. @throws whatever `grow` throws */
  allocate(bytes: number): number {
    const size = roundUp(Math.max(1, bytes));
    const fit = this.#free.findIndex((range) => range.end - range.start >= size);
    if (fit >= 0) {
      const range = this.#free[fit]!;
      const at = range.start;
      range.start += size;
      if (range.start === range.end) this.#free.splice(fit, 1);
      return at;
    }
    const last = this.#free.at(-1);
    const at = last?.end === this.#end ? last.start : this.#end;
    this.grow(at + size);
    if (at !== this.#end) this.#free.pop();
    this.#end = at + size;
    return at;
  }

  /** Takes back what `allocate(bytes)` gave. */
  release(at: number, bytes: number): void {
    const end = at + roundUp(Math.max(1, bytes));
    const next = this.#free.findIndex((range) => range.start >= at);
    const place = next < 0 ? this.#free.length : next;
    this.#free.splice(place, 0, { start: at, end });
    this.#join(place);
    if (place > 0) this.#join(place - 1);
  }

  #join(place: number): void {
    const range = this.#free[place]!;
    const next = this.#free[place + 1];
    if (next?.start !== range.end) return;
    range.end = next.end;
    this.#free.splice(place + 1, 1);
  }
}
