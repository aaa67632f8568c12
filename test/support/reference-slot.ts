/** A chain's part in a kernel, kept as plainly as can be: bits, and the logits of each row. No table, no running maximum. */
import { imageLogLikQ } from '../../src/posterior/grid.js';
import type { Model } from '../../src/posterior/model.js';
import { MAX_SHARD_WEIGHT } from '../../src/posterior/model.js';
import { isLit, type Rows } from '../../src/posterior/rows.js';
import type { SlotSpec } from '../../src/kernel/kernel.js';
import { noCounts, type MoveCounts } from '../../src/sampler/moves.js';

/** A shard's rows, and for each feature the rows that light it. */
export interface ReferenceShard {
  readonly rows: Rows;
  readonly litRows: readonly (readonly number[])[];
}

export function referenceShard(rows: Rows): ReferenceShard {
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  if (total > MAX_SHARD_WEIGHT) throw new RangeError(`row weights of a shard sum to ${total}`);
  const litRows = Array.from({ length: rows.features }, (_, j) =>
    Array.from({ length: rows.count }, (_, n) => n).filter((n) => isLit(rows, n, j)),
  );
  return { rows, litRows };
}

/** One flipped weight of a move. */
export interface Change {
  readonly j: number;
  readonly k: number;
}

/** Logits of a shard's rows from the bits alone, row-major, length rows x K. */
export function logitsOf(shard: ReferenceShard, w: Uint8Array, classes: number): Int32Array {
  const z = new Int32Array(shard.rows.count * classes);
  shard.litRows.forEach((lit, j) => {
    for (const n of lit) for (let k = 0; k < classes; k++) z[n * classes + k]! += w[j * classes + k]!;
  });
  return z;
}

/** Rows that light a feature of one of the changes, each once. */
function rowsLitBy(changes: readonly Change[], litRows: ReferenceShard['litRows']): Iterable<number> {
  const features = [...new Set(changes.map(({ j }) => j))];
  return features.length === 1 ? litRows[features[0]!]! : new Set(features.flatMap((j) => litRows[j]!));
}

interface Snapshot {
  readonly w: Uint8Array;
  readonly z: readonly Int32Array[];
  readonly ownAcceptedSumQ: number;
  readonly counts: MoveCounts;
}

export class ReferenceSlot {
  readonly owners: Uint8Array;
  readonly self: number;
  w: Uint8Array;
  /** Logits of each shard's rows. */
  z: readonly Int32Array[];
  ownAcceptedSumQ = 0;
  counts = noCounts();

  constructor(
    readonly model: Model,
    readonly shards: readonly ReferenceShard[],
    spec: SlotSpec,
    w: Uint8Array,
  ) {
    this.owners = spec.owners.slice();
    this.self = spec.self;
    this.w = w.slice();
    this.z = this.freshLogits();
  }

  freshLogits(): Int32Array[] {
    return this.shards.map((shard) => logitsOf(shard, this.w, this.model.classes));
  }

  snapshot(): Snapshot {
    const { ownAcceptedSumQ, counts } = this;
    return { w: this.w.slice(), z: this.z.map((z) => z.slice()), ownAcceptedSumQ, counts: { ...counts } };
  }

  restore(from: Snapshot): void {
    this.w = from.w.slice();
    this.z = from.z.map((z) => z.slice());
    this.ownAcceptedSumQ = from.ownAcceptedSumQ;
    this.counts = { ...from.counts };
  }

  /** Log-likelihood of the slot's rows under these logits. */
  logLikQ(z: readonly Int32Array[]): number {
    const { classes } = this.model;
    let sum = 0;
    this.shards.forEach(({ rows }, s) => {
      for (let n = 0; n < rows.count; n++) {
        sum += rows.weights[n]! * imageLogLikQ(z[s]!, rows.labels[n]!, classes, n * classes);
      }
    });
    return sum;
  }

  /** Change of the log-likelihood by flipping these weights: a difference at each row that lights one of them. */
  deltaQ(changes: readonly Change[]): number {
    const { classes } = this.model;
    const after = new Int32Array(classes);
    let sum = 0;
    this.shards.forEach(({ rows, litRows }, s) => {
      const z = this.z[s]!;
      for (const n of rowsLitBy(changes, litRows)) {
        for (let k = 0; k < classes; k++) after[k] = z[n * classes + k]!;
        for (const { j, k } of changes) if (isLit(rows, n, j)) after[k]! += this.step(j, k);
        const y = rows.labels[n]!;
        const beforeQ = imageLogLikQ(z, y, classes, n * classes);
        sum += rows.weights[n]! * (imageLogLikQ(after, y, classes) - beforeQ);
      }
    });
    return sum;
  }

  /** Flips these weights and brings the logits of the rows that light them up to date. */
  apply(changes: readonly Change[]): void {
    const { classes } = this.model;
    for (const { j, k } of changes) {
      const step = this.step(j, k);
      this.shards.forEach(({ litRows }, s) => {
        for (const n of litRows[j]!) this.z[s]![n * classes + k]! += step;
      });
      this.w[j * classes + k]! ^= 1;
    }
  }

  /** Rows whose logits are not those of the bits. */
  staleRows(): number {
    const { classes } = this.model;
    let stale = 0;
    this.freshLogits().forEach((fresh, s) => {
      for (let start = 0; start < fresh.length; start += classes) {
        const kept = this.z[s]!.subarray(start, start + classes);
        if (kept.some((logit, k) => logit !== fresh[start + k])) stale++;
      }
    });
    return stale;
  }

  /** What flipping a weight adds to the logit of a row that lights it. */
  private step(j: number, k: number): 1 | -1 {
    return this.w[j * this.model.classes + k] ? -1 : 1;
  }
}
