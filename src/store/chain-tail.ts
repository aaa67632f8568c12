/** What a writer keeps of one chain: the records that are not yet in the arrays, and where the chain can go on. */
import { unpackWeights } from '../posterior/weights.js';
import { noCounts } from '../sampler/moves.js';
import type { PackedState } from './journal.js';
import type { Row } from './row.js';
import type { StoredCheckpoint } from './store.js';

export class ChainTail {
  /** Records in the arrays. */
  stored: number;
  /** Records in the arrays or in the journal. */
  durable: number;
  /** Records from `stored` on, in order; those from `durable` on are in memory only. */
  readonly rows: Row[] = [];
  /** State at the end of the last record in the arrays. */
  #lastStored: PackedState | undefined;
  readonly #isTempered: boolean;
  /** Latest checkpoint, and the latest that is durable. */
  checkpoint: PackedState | undefined;
  durableCheckpoint: PackedState | undefined;

  /** @param isTempered whether the chain has replicas */
  constructor(stored: number, lastStored: PackedState | undefined, isTempered: boolean) {
    this.#isTempered = isTempered;
    this.stored = stored;
    this.durable = stored;
    this.#lastStored = lastStored;
  }

  /** Records appended. */
  get length(): number {
    return this.stored + this.rows.length;
  }

  /** The durable records of a range that are not in the arrays, by their number. */
  durableRows(from: number, to: number): ReadonlyMap<number, Row> {
    const rows = new Map<number, Row>();
    for (let record = Math.max(from, this.stored); record < Math.min(to, this.durable); record++) {
      rows.set(record, this.rows[record - this.stored]!);
    }
    return rows;
  }

  /** Forgets the rows that have gone into the arrays. */
  movedToArrays(count: number): void {
    const last = this.rows[count - 1];
    if (!last) return;
    this.#lastStored = stateAfter(last);
    this.rows.splice(0, count);
    this.stored += count;
  }

  /** A checkpoint that is further than the last durable record; of a tempered chain always: records are not all of it. */
  get neededCheckpoint(): PackedState | undefined {
    if (this.#isTempered) return this.durableCheckpoint;
    const afterRecords = this.#afterRecords();
    const checkpoint = this.durableCheckpoint;
    return checkpoint && checkpoint.sweep > (afterRecords?.sweep ?? -1) ? checkpoint : undefined;
  }

  /** The furthest durable state. */
  resumePoint(weights: number): StoredCheckpoint | undefined {
    const state = this.neededCheckpoint ?? (this.#isTempered ? undefined : this.#afterRecords());
    if (!state) return undefined;
    const { chain, sweep, packed, logLikQ, counts, replicas } = state;
    const tempered = replicas ? { replicas } : {};
    return { chain, sweep, w: unpackWeights(packed, weights), logLikQ, counts, ...tempered };
  }

  #afterRecords(): PackedState | undefined {
    const last = this.rows[this.durable - this.stored - 1];
    return last ? stateAfter(last) : this.#lastStored;
  }
}

function stateAfter(row: Row): PackedState {
  const { chain, sweep, packed, logLikQ } = row;
  return { chain, sweep: sweep + 1, packed, logLikQ, counts: noCounts() };
}
