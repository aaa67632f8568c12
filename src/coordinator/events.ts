/** What has happened to a run: the last events, for clients. */
import { Signal } from './signal.js';

export type EventKind =
  | 'worker-joined'
  | 'worker-left'
  | 'worker-lost'
  | 'worker-dropped'
  | 'warmup-ended'
  | 'converged'
  | 'extended'
  | 'stopping'
  | 'finished'
  | 'stopped'
  | 'failed';

export interface NewEvent {
  readonly kind: EventKind;
  /** One line in plain words. */
  readonly text: string;
  /** Of events of a worker. */
  readonly worker?: number;
}

export interface RunEvent extends NewEvent {
  /** 1, 2, .. in this process. */
  readonly number: number;
  readonly time: Date;
  /** Draws that every chain had stored. */
  readonly drawsStored: number;
}

const REMEMBERED = 1000;

export class EventLog {
  readonly #events: RunEvent[] = [];
  readonly #signal = new Signal();
  readonly #drawsStored: () => number;
  #last = 0;
  #isOver = false;

  constructor(drawsStored: () => number) {
    this.#drawsStored = drawsStored;
  }

  /** Whether the last event was added. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The number of the newest event. */
  get last(): number {
    return this.#last;
  }

  add(event: NewEvent): void {
    const number = ++this.#last;
    this.#events.push({ ...event, number, time: new Date(), drawsStored: this.#drawsStored() });
    if (this.#events.length > REMEMBERED) this.#events.shift();
    this.#signal.wake();
  }

  /** Adds the last event. */
  end(event: NewEvent): void {
    this.#isOver = true;
    this.add(event);
  }

  /** Those with larger numbers that are remembered, oldest first. */
  after(number: number): RunEvent[] {
    return this.#events.filter((event) => event.number > number);
  }

  /** Resolves when there is more, or when the reader is gone. */
  more(gone: AbortSignal): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#signal.next(gone);
  }
}
