/** A simulated cluster: a coordinator that does one thing at a time, its network, and workers with threads. */
import type { CostModel } from './costs.js';

/** Something that takes work one piece after the other. */
export class Server {
  #freeAt = 0;
  busyMs = 0;

  /** When a piece that comes at `atMs` and takes `ms` is done. */
  take(atMs: number, ms: number): number {
    this.#freeAt = Math.max(this.#freeAt, atMs) + ms;
    this.busyMs += ms;
    return this.#freeAt;
  }

  get freeAt(): number {
    return this.#freeAt;
  }
}

/** The coordinator's network: messages in one direction queue for its bytes, then travel. */
export class Network {
  readonly #costs: CostModel;
  readonly #out = new Server();
  readonly #in = new Server();
  bytes = 0;

  constructor(costs: CostModel) {
    this.#costs = costs;
  }

  /** When a message reaches a worker. */
  send(atMs: number, bytes: number): number {
    return this.#travel(this.#out, atMs, bytes);
  }

  /** When a worker's message reaches the coordinator. */
  receive(atMs: number, bytes: number): number {
    return this.#travel(this.#in, atMs, bytes);
  }

  #travel(direction: Server, atMs: number, bytes: number): number {
    this.bytes += bytes;
    return direction.take(atMs, bytes / this.#costs.bytesPerMs) + this.#costs.latencyMs / 2;
  }
}

export class SimulatedWorker {
  readonly #threads: readonly Server[];

  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, () => new Server());
  }

  /** When jobs that come at `atMs` are done, each on the thread that is free first. */
  work(atMs: number, jobsMs: readonly number[]): number {
    let doneAt = atMs;
    for (const ms of jobsMs) {
      const thread = this.#threads.reduce((a, b) => (b.freeAt < a.freeAt ? b : a));
      doneAt = Math.max(doneAt, thread.take(atMs, ms));
    }
    return doneAt;
  }
}

/** What happens later, in order of time; equal times in the order they were put in. */
export class Agenda<T> {
  readonly #heap: { readonly atMs: number; readonly number: number; readonly item: T }[] = [];
  #count = 0;

  put(atMs: number, item: T): void {
    const heap = this.#heap;
    heap.push({ atMs, number: this.#count++, item });
    let i = heap.length - 1;
    for (let up = (i - 1) >> 1; i > 0 && this.#before(i, up); up = (i - 1) >> 1) {
      [heap[i], heap[up]] = [heap[up]!, heap[i]!];
      i = up;
    }
  }

  take(): { readonly atMs: number; readonly item: T } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    heap[0] = last;
    for (let i = 0, next = this.#leastChild(0); next > 0; next = this.#leastChild(i)) {
      if (!this.#before(next, i)) break;
      [heap[i], heap[next]] = [heap[next]!, heap[i]!];
      i = next;
    }
    return first;
  }

  #leastChild(i: number): number {
    const left = 2 * i + 1;
    if (left >= this.#heap.length) return 0;
    return left + 1 < this.#heap.length && this.#before(left + 1, left) ? left + 1 : left;
  }

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i]!, this.#heap[j]!];
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
  }
}
