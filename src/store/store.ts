/**
 * DrawStore: where draws and checkpoints live. One store is one run; one process writes it.
 *
 * Draws are appended as chains reach them, ragged over chains; a reader sees only the draws that all chains have
 * (the horizon), never a torn one. A run that keeps its warm-up has warm-up draws before them, numbered apart.
 */
import type { MoveCounts } from '../kernel/kernel.js';
import type { ReplicaStates } from '../sampler/tempering/codec.js';
import type { LadderDraw } from '../sampler/tempering/replica-exchange.js';

export interface StoredDraw {
  readonly chain: number;
  readonly draw: number;
  /** Number of the draw's last sweep. */
  readonly sweep: number;
  /** One byte a weight, index j K + k. */
  readonly w: Uint8Array;
  /** Log-likelihood on the grid. */
  readonly logLikQ: number;
  /** Moves since the chain's previous draw. */
  readonly counts: MoveCounts;
  /** Of a tempered chain. */
  readonly ladder?: LadderDraw;
}

/** A chain's state at a sweep boundary: `sweep` sweeps are done. */
export interface StoredCheckpoint {
  readonly chain: number;
  readonly sweep: number;
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the chain's last draw or warm-up draw (or the start of sampling): the next one tells of them too. */
  readonly counts: MoveCounts;
  /** Of a tempered chain, which goes on from these and not from its draws. */
  readonly replicas?: ReplicaStates;
}

export interface DrawReader {
  /** Draws that every chain has durably stored. */
  readonly horizon: number;
  /** Draws `from` .. `to - 1` (at most to the horizon), in the order (draw, chain). */
  read(from: number, to: number): AsyncIterable<StoredDraw>;
}

export interface DrawStore extends DrawReader {
  /** Where each chain can go on: its furthest durable state, or nothing where it has none. */
  readonly resume: ReadonlyMap<number, StoredCheckpoint>;
  /**
   * Draws of a chain come in order. A tempered chain that goes on from a checkpoint before its last stored draw gives some
   * again, the same: these are passed over.
   */
  append(draw: StoredDraw): void;
  /** A warm-up draw of a run that keeps them; all of a chain's come before its draws. */
  appendWarmup(draw: StoredDraw): void;
  checkpoint(state: StoredCheckpoint): void;
  /** Each chain is to have so many draws, more than before; resolves when that is durable. */
  extend(draws: number): Promise<void>;
  /** Makes what was appended durable; returns the new horizon. Safe to call while draws arrive; calls queue up. */
  flush(): Promise<number>;
  /**
   * Flushes, marks the run finished or stopped, gives the lock back.
   * @param reason why it ended, where a rule decided
   */
  close(outcome: 'finished' | 'stopped', reason?: string): Promise<void>;
}
