/**
 * Which rows lie in which shard. A move whose lit rows all lie in one shard is that shard's private business, decided
 * without a round; so the rows of rare features are brought together in the first shard, as many as its share of the
 * work allows. The rest is dealt out evenly. The same data and number of shards always give the same placement.
 */
import { InputError, MAX_SHARD_WEIGHT } from '../posterior/model.js';
import { isLit, rowBytes, takeRows, type Rows } from '../posterior/rows.js';

/** Calls `visit` with each lit feature of row n. */
function eachLit(rows: Rows, n: number, visit: (j: number) => void): void {
  const stride = rowBytes(rows.features);
  for (let b = 0; b < stride; b++) {
    for (let byte = rows.bits[n * stride + b]!; byte; byte &= byte - 1)
      visit(8 * b + 31 - Math.clz32(byte & -byte));
  }
}

/** Lit features of each row: what walking it costs. */
function workOfRows(rows: Rows): Uint32Array {
  const work = new Uint32Array(rows.count);
  for (let n = 0; n < rows.count; n++) eachLit(rows, n, () => work[n]!++);
  return work;
}

/** Rows of the first shard, chosen feature by feature: always the one that brings the fewest new rows. */
class RareRows {
  /** 1 for chosen rows. */
  readonly chosen: Uint8Array;
  readonly #rows: Rows;
  readonly #work: Uint32Array;
  /** Lit rows of each feature that are not chosen. */
  readonly #missing: Uint32Array;
  #workLeft: number;
  #weightLeft = MAX_SHARD_WEIGHT;
  #rowsLeft: number;

  constructor(rows: Rows, work: Uint32Array, mostWork: number, mostRows: number) {
    this.#rows = rows;
    this.#work = work;
    this.#workLeft = mostWork;
    this.#rowsLeft = mostRows;
    this.chosen = new Uint8Array(rows.count);
    this.#missing = new Uint32Array(rows.features);
    for (let n = 0; n < rows.count; n++) eachLit(rows, n, (j) => this.#missing[j]!++);
  }

  /** Brings features in until the next one has no room. */
  fill(): void {
    for (let j = this.#rarest(); j >= 0; j = this.#rarest()) {
      const added = this.#rowsOf(j);
      const sum = (of: ArrayLike<number>): number => added.reduce((total, n) => total + of[n]!, 0);
      this.#workLeft -= sum(this.#work);
      this.#weightLeft -= sum(this.#rows.weights);
      this.#rowsLeft -= added.length;
      if (this.#workLeft < 0 || this.#weightLeft < 0 || this.#rowsLeft < 0) return;
      for (const n of added) {
        this.chosen[n] = 1;
        eachLit(this.#rows, n, (lit) => this.#missing[lit]!--);
      }
    }
  }

  /** The feature with the fewest missing rows among those that miss some, or -1. */
  #rarest(): number {
    let best = -1;
    for (let j = 0; j < this.#missing.length; j++) {
      const missing = this.#missing[j]!;
      if (missing > 0 && (best < 0 || missing < this.#missing[best]!)) best = j;
    }
    return best;
  }

  #rowsOf(j: number): number[] {
    const found: number[] = [];
    for (let n = 0; n < this.#rows.count; n++) {
      if (!this.chosen[n] && isLit(this.#rows, n, j)) found.push(n);
    }
    return found;
  }
}

/**
 * Numbers of the rows of each shard, ascending; no shard is empty.
 * @throws InputError when so many shards can't be made: each needs a row, and their row weights are limited
 */
export function placeRows(rows: Rows, shards: number): Int32Array[] {
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  const fewest = Math.ceil(total / MAX_SHARD_WEIGHT);
  if (!Number.isInteger(shards) || shards < fewest || shards > rows.count) {
    throw new InputError(
      `shards must be a whole number from ${fewest} to ${rows.count} for these data, got ${shards}`,
    );
  }
  const all = Int32Array.from({ length: rows.count }, (_, n) => n);
  if (shards === 1) return [all];
  const work = workOfRows(rows);
  const share = work.reduce((sum, lit) => sum + lit, 0) / shards;
  const rare = new RareRows(rows, work, share, rows.count - shards + 1);
  rare.fill();
  return dealRows(rows, work, rare.chosen, shards);
}

/** The data in as few shards as hold them: for one kernel that has all. */
export function fewestShards(rows: Rows): Rows[] {
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  const count = Math.ceil(total / MAX_SHARD_WEIGHT);
  return count <= 1 ? [rows] : placeRows(rows, count).map((list) => takeRows(rows, list));
}

/** The chosen rows to the first shard, each other one to the shard with the least work that has room. */
function dealRows(rows: Rows, work: Uint32Array, first: Uint8Array, shards: number): Int32Array[] {
  const lists = Array.from({ length: shards }, () => [] as number[]);
  const loads = new Float64Array(shards);
  const weights = new Float64Array(shards);
  const put = (n: number, s: number): void => {
    lists[s]!.push(n);
    loads[s]! += work[n]!;
    weights[s]! += rows.weights[n]!;
  };
  for (let n = 0; n < rows.count; n++) if (first[n]) put(n, 0);
  const heaviestFirst = Array.from({ length: rows.count }, (_, n) => n).filter((n) => !first[n]);
  heaviestFirst.sort((a, b) => rows.weights[b]! - rows.weights[a]! || work[b]! - work[a]! || a - b);
  for (const n of heaviestFirst) put(n, leastLoaded(lists, loads, weights, rows.weights[n]!));
  return lists.map((list) => Int32Array.from(list).sort());
}

function leastLoaded(
  lists: readonly (readonly number[])[],
  loads: Float64Array,
  weights: Float64Array,
  weight: number,
): number {
  let best = -1;
  for (let s = 0; s < lists.length; s++) {
    if (weights[s]! + weight > MAX_SHARD_WEIGHT) continue;
    if (
      best < 0 ||
      loads[s]! < loads[best]! ||
      (loads[s] === loads[best] && lists[s]!.length < lists[best]!.length)
    ) {
      best = s;
    }
  }
  if (best < 0) {
    throw new InputError(
      `the row weights don't fit ${lists.length} shards of ${MAX_SHARD_WEIGHT} each, ask for more`,
    );
  }
  return best;
}
