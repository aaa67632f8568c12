/** The workers that are joined, and what each of them does. */
import type { HelloFacts } from '../wire/codec/hello.js';
import type { WorkerCommand } from '../wire/codec/command.js';
import type { WorkerPhase, WorkerStatus } from './status.js';

interface Entry {
  readonly hello: HelloFacts;
  shards: readonly number[];
  loading: boolean;
  leaving: boolean;
  /** Attachments that aren't over. */
  readonly epochs: Set<number>;
}

/** Why a worker is not joined any more; `dropped`: sent away for good. */
export type Departure = 'left' | 'lost' | 'dropped';

export class Roster {
  /** Workers that have joined since this process began; one that comes back counts again. */
  joins = 0;
  readonly departures: Record<Departure, number> = { left: 0, lost: 0, dropped: 0 };
  readonly #entries = new Map<number, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Of all workers together. */
  get threads(): number {
    return [...this.#entries.values()].reduce((sum, { hello }) => sum + hello.threads, 0);
  }

  join(worker: number, hello: HelloFacts): void {
    this.joins++;
    this.#entries.set(worker, { hello, shards: [], loading: false, leaving: false, epochs: new Set() });
  }

  remove(worker: number, dropped = false): void {
    const entry = this.#entries.get(worker);
    if (!entry || !this.#entries.delete(worker)) return;
    this.departures[dropped ? 'dropped' : entry.leaving ? 'left' : 'lost']++;
  }

  leaving(worker: number): void {
    const entry = this.#entries.get(worker);
    if (entry) entry.leaving = true;
  }

  /** Whether it has said that it leaves. */
  isLeaving(worker: number): boolean {
    return this.#entries.get(worker)?.leaving ?? false;
  }

  /** host/process of a worker, for the log. */
  name(worker: number): string {
    const name = this.#entries.get(worker)?.hello.name;
    return name ? `worker ${worker} (${name})` : `worker ${worker}`;
  }

  /** Notes what a worker was told. */
  told(command: WorkerCommand): void {
    const entry = this.#entries.get(command.worker);
    if (!entry) return;
    if (command.type === 'load') entry.loading = true;
    else if (command.type === 'attach') entry.epochs.add(command.epoch);
    else if (command.type === 'detach') entry.epochs.delete(command.epoch);
  }

  loaded(worker: number, shards: readonly number[]): void {
    const entry = this.#entries.get(worker);
    if (entry) Object.assign(entry, { shards, loading: false });
  }

  get statuses(): WorkerStatus[] {
    return [...this.#entries].map(([worker, entry]) => {
      const { name, threads, memoryBytes, kernel } = entry.hello;
      return { worker, name, threads, memoryBytes, kernel, state: phaseOf(entry), shards: entry.shards };
    });
  }
}

function phaseOf({ leaving, loading, epochs }: Entry): WorkerPhase {
  if (leaving) return 'leaving';
  if (epochs.size > 0) return 'working';
  return loading ? 'loading' : 'idle';
}
