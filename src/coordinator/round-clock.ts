/** Times rounds: from the first command that goes out to the last answer that comes in. */
import type { Walk, Walked } from './brain/messages.js';

interface Round {
  readonly round: number;
  readonly begunAt: number;
  asked: number;
  answered: number;
}

export class RoundClock {
  /** The present round of each epoch. */
  readonly #rounds = new Map<number, Round>();

  constructor(private readonly observe: (seconds: number) => void) {}

  /** A command of a round that goes to several workers goes out to one of them. */
  asked({ epoch, round, jobs }: Walk, now: number): void {
    if (jobs[0]?.kind !== 'window') return;
    const present = this.#rounds.get(epoch);
    if (present?.round === round) present.asked++;
    else this.#rounds.set(epoch, { round, begunAt: now, asked: 1, answered: 0 });
  }

  answered({ epoch, round }: Walked, now: number): void {
    const present = this.#rounds.get(epoch);
    if (present?.round !== round) return;
    present.answered++;
    if (present.answered < present.asked) return;
    this.#rounds.delete(epoch);
    this.observe((now - present.begunAt) / 1000);
  }

  /** Forgets what is under way: a worker was lost, and some of it will never be answered. */
  reset(): void {
    this.#rounds.clear();
  }
}
