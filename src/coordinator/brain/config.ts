/** What the brain is told at its birth. All of it is plain data or pure functions. */
import type { ChainRule } from '../../kernel/kernel.js';
import type { MoveCounts } from '../../sampler/moves.js';
import type { RunPlan } from '../../sampler/run-plan.js';
import type { SweepPlan } from '../../sampler/sites.js';

/** What the brain has to know of a shard; shards are numbered from 0 by their place in `BrainConfig.shards`. */
export interface ShardInfo {
  /** Number of rows. */
  readonly rows: number;
  /** Sum of the row weights, at most MAX_SHARD_WEIGHT. */
  readonly weight: number;
  /** 1 for features lit in some row of the shard, length D. */
  readonly lit: Uint8Array;
}

/** Bytes that a worker needs; the brain gives a worker no more than its `memoryBytes`. */
export interface MemoryModel {
  /** A shard's data, once a worker. */
  shardBytes(shard: number): number;
  /** One chain's slot over these shards. */
  slotBytes(shards: readonly number[]): number;
}

/** Where a chain begins: `sweep` sweeps are done and w is the state after them. */
export interface StartState {
  readonly sweep: number;
  /** One byte a weight, length D K. */
  readonly w: Uint8Array;
  /** Log-likelihood of w on the grid, where it is known (a resumed chain): workers are held to it. */
  readonly logLikQ?: number;
  /** Moves since the chain's last draw; none where left out. */
  readonly counts?: MoveCounts;
}

/** Numbers of a sweep that depend on the rule and the chain only, never on a state. */
export interface SweepTables {
  /** Order of a sweep's sites; the same object or an equal one at each call. */
  plan(sweep: number): SweepPlan;
  /**
   * Writes 4096 logit(u) of the uniform at each position of the sweep's plan into `out`, which is at least as long.
   * The numbers are exactly those of `NAT_Q * logit53(acceptBits(...))`.
   */
  fillNeedQ(chain: number, sweep: number, out: Float64Array): void;
}

/** Where the exchanges of a tempered chain go on: its replicas have met after the sweeps that they have done. */
export interface TemperedStart {
  /** See ReplicaExchange.state. */
  readonly exchange: Float64Array;
  /** Moves at beta 1 since the chain's last draw. */
  readonly counts: MoveCounts;
}

export interface BrainConfig {
  readonly rule: ChainRule;
  readonly plan: RunPlan;
  readonly shards: readonly ShardInfo[];
  /**
   * Shards of a chain are spread over this many workers while sampling; 1 = every chain on one worker. At most the number
   * of shards. Never changes a draw.
   */
  readonly spread: number;
  readonly memory: MemoryModel;
  /** Bytes of slots that a thread walks in turn where chains are spread; see walking-chains.ts. Never changes a draw. */
  readonly walkingBytes?: number;
  readonly tables: SweepTables;
  /** One a walker: a chain, or a replica of a tempered one; walker r of chain c is number c R + r. */
  readonly starts: readonly StartState[];
  /** One a tempered chain; nothing where it begins. */
  readonly ladders?: readonly (TemperedStart | undefined)[];
  /** Most sweeps of one solo job; a `pace` event changes it. */
  readonly soloSweepsPerJob: number;
  /** A chain spread over several workers reports its state after at most this many sweeps; every draw does so anyway. */
  readonly checkpointSweeps: number;
}
