/**
 * Finds workers that live, as their heartbeats say, and yet don't answer: a thread that hangs. Generous, because a
 * machine may be loaded; a worker given up by mistake comes back and costs no more than what it was doing.
 */
import { performance } from 'node:perf_hooks';
import type { Attach, Attached, Walk, Walked } from './brain/messages.js';

/** What any answer may take. */
const LEAST_MS = 60_000;
/** What it may take beside that: for each chain, and in lengths of the longest answer so far. */
const CHAIN_MS = 1_000;
const LENGTHS = 20;
const TICK_MS = 1_000;

interface Asked {
  readonly worker: number;
  at: number;
  readonly chains: number;
}

export interface DeadlinesOptions {
  readonly leastMs?: number;
  overdue(worker: number, waitedMs: number): void;
}

export class Deadlines {
  readonly #options: DeadlinesOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #asked = new Map<string, Asked>();
  #longestMs = 0;
  #tickedAt = performance.now();

  constructor(options: DeadlinesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.tick(performance.now()), TICK_MS);
  }

  asked(command: Attach | Walk, now: number): void {
    const chains = command.type === 'walk' ? command.jobs.length : command.chains.length;
    this.#asked.set(keyOf(command), { worker: command.worker, at: now, chains });
  }

  answered(answer: Attached | Walked, now: number): void {
    const key = keyOf(answer);
    const asked = this.#asked.get(key);
    if (!asked || !this.#asked.delete(key)) return;
    this.#longestMs = Math.max(this.#longestMs, now - asked.at);
  }

  /** A worker is gone: nothing is awaited of it. */
  forget(worker: number): void {
    for (const [key, asked] of this.#asked) if (asked.worker === worker) this.#asked.delete(key);
  }

  tick(now: number): void {
    const sleptMs = now - this.#tickedAt - 2 * TICK_MS;
    this.#tickedAt = now;
    const { leastMs = LEAST_MS } = this.#options;
    for (const asked of [...this.#asked.values()]) {
      // While this process itself didn't run, answers may have come.
      if (sleptMs > 0) asked.at += sleptMs;
      const waitedMs = now - asked.at;
      if (waitedMs > leastMs + CHAIN_MS * asked.chains + LENGTHS * this.#longestMs) {
        this.#options.overdue(asked.worker, waitedMs);
      }
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function keyOf(message: Attach | Attached | Walk | Walked): string {
  return `${message.worker} ${message.epoch} ${'round' in message ? message.round : 'attach'}`;
}
