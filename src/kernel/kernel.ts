/**
 * FlipKernel: holds shards of the data and, a slot a chain, the logits and the flip table of their rows; walks sites.
 *
 * All kernels give the same integers. A slot covers some shards of the data (one chain's part in this pool). A slot that
 * covers all of them walks whole sweeps alone (`solo`); else it walks windows of guessed decisions and yields partial
 * deltas, which the coordinator adds up.
 *
 * Not one method is asynchronous: a kernel belongs to one thread at a time.
 */
import type { Model } from '../posterior/model.js';
import type { Rows } from '../posterior/rows.js';
import type { MoveCounts } from '../sampler/moves.js';
import type { Moves } from '../sampler/sites.js';

export type { MoveCounts };

export type KernelName = 'wasm' | 'tfjs';

/** A kernel as users ask for it. */
export type KernelChoice = 'auto' | KernelName;

/** Everything that fixes the chains beside the data. */
export interface ChainRule {
  readonly model: Model;
  readonly moves: Moves;
  readonly seed: number;
}

export interface SlotSpec {
  readonly slot: number;
  /** Shards of this pool that the slot covers. */
  readonly shards: readonly number[];
  /** Owner of each feature within the chain's group, length D (see sampler/owners.ts). */
  readonly owners: Uint8Array;
  /** This pool's number in the group, 1 and up; all lit features belong to it when it is alone. */
  readonly self: number;
}

/** A slot's state at a point between two sites. Sums and counts run from `attach` on. */
export interface SlotReport {
  /** One byte a weight, length D K; only bits of SHARED, UNLIT and own features are meaningful. */
  readonly w: Uint8Array;
  /** Log-likelihood of the slot's rows, on the grid. */
  readonly logLikQ: number;
  /** Sum of the slot's partial deltas over accepted moves that were decided here (solo: all moves). */
  readonly ownAcceptedSumQ: number;
  /** Moves decided here (solo: all); never draws from the prior, and in windows not the rows of shared features. */
  readonly counts: MoveCounts;
}

/** Whole sweeps of a slot that covers all rows. */
export interface SoloJob {
  readonly kind: 'solo';
  readonly slot: number;
  readonly chain: number;
  /** Number of the first sweep; sweeps count from 0 over warm-up and sampling. */
  readonly sweep: number;
  /** Inverse temperature of each sweep of the job in 1 / 65,536; its length is the number of sweeps. */
  readonly betasQ: Int32Array;
  /** Sweeps of the job (numbers as in `sweep`) after which a report is wanted; the last one always gives one. */
  readonly reportAfter: readonly number[];
}

export interface SoloResult {
  readonly kind: 'solo';
  readonly slot: number;
  /** In the order of `reportAfter`, the last sweep's at the end. */
  readonly reports: readonly { readonly sweep: number; readonly report: SlotReport }[];
}

/** Positions `from` .. `to - 1` of a sweep's plan under guessed decisions, after settling the slot's last window. */
export interface WindowJob {
  readonly kind: 'window';
  readonly slot: number;
  readonly chain: number;
  readonly sweep: number;
  readonly betaQ: number;
  /** Position in the last window's plan whose guess was wrong: what came after it is undone, it is decided the other
   * way; -1 when the whole last window stands. */
  readonly settleAt: number;
  readonly from: number;
  readonly to: number;
  /** One bit a shared site in visiting order, least significant first: 1 = taken. */
  readonly guess: Uint8Array;
  /** Whether to report the state after the window (as guessed). */
  readonly report: boolean;
}

export interface WindowResult {
  readonly kind: 'window';
  readonly slot: number;
  /** Partial delta of each shared site in visiting order, or CLOSED_Q. */
  readonly partialsQ: Int32Array;
  readonly report?: SlotReport;
}

export type WalkJob = SoloJob | WindowJob;
export type WalkResult = SoloResult | WindowResult;

export interface FlipKernel {
  readonly name: KernelName | 'reference';
  /** Adds a shard's rows; a shard's number may be added once until it is dropped. */
  addShard(shard: number, rows: Rows): void;
  dropShard(shard: number): void;
  /** Makes (or remakes) a slot in state w, one byte a weight; the rows are the same as by any history. */
  attach(spec: SlotSpec, w: Uint8Array): SlotReport;
  detach(slot: number): void;
  /** Jobs of different slots; results in the same order. */
  walk(jobs: readonly WalkJob[]): WalkResult[];
  /** Partial delta of flipping each weight in the slot's present state, length D K (0 for a pinned class). */
  flipDeltasQ(slot: number): Int32Array;
  /** Recomputes logits, maxima and table rows from the bits; the number of rows that differ (0 is right). */
  audit(slot: number): number;
  dispose(): void;
}
