/** How far a run is: a plain snapshot, for progress lines, metrics and summaries. */
import type { KernelChoice } from '../kernel/kernel.js';
import type { MoveCounts } from '../sampler/moves.js';

/** `waiting`: for workers to begin, or for any when all are lost. */
export type RunPhase = 'waiting' | 'warm-up' | 'sampling' | 'finished' | 'stopped';

export interface ChainStatus {
  readonly chain: number;
  /** Audited sweeps done, warm-up included. */
  readonly sweep: number;
  /** Inverse temperature of the sweep to come (the last one at the end). */
  readonly beta: number;
  /** Of the state after `sweep` sweeps, in nat; undefined until it is known. */
  readonly lp: number | undefined;
  readonly logLikQ: number | undefined;
  /** Draws taken; the store may have made fewer durable yet. */
  readonly draws: number;
}

/** `idle`: joined and not part of any group: a spare, or not yet needed. */
export type WorkerPhase = 'idle' | 'loading' | 'working' | 'leaving';

export interface WorkerStatus {
  readonly worker: number;
  readonly name: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly kernel: KernelChoice;
  readonly state: WorkerPhase;
  readonly shards: readonly number[];
}

/** Wrong guesses by move. */
export interface WrongGuesses {
  readonly flips: number;
  readonly swaps: number;
}

export interface RunStatus {
  readonly runId: string;
  readonly phase: RunPhase;
  readonly elapsedSeconds: number;
  readonly chains: readonly ChainStatus[];
  /** Audited sweeps of all chains since this process began. */
  readonly sweepsDone: number;
  /** Over the last few seconds, all chains together. */
  readonly sweepsPerSecond: number;
  /** Draws that every chain has stored durably, and how many there will be. */
  readonly drawsStored: number;
  readonly drawsWanted: number;
  /** Moves of audited sweeps since this process began. */
  readonly moves: MoveCounts;
  /** Rounds with chains spread over several workers. */
  readonly rounds: number;
  readonly wrongGuesses: WrongGuesses;
  /** Sites in the windows sent, and in the spread sweeps begun: their ratio is what a spread sweep costs in sweeps. */
  readonly sitesWalked: number;
  readonly sitesNeeded: number;
  /** Full recomputes that found every table row right. */
  readonly audits: number;
  /** Message bytes from and to workers and clients. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly workers: readonly WorkerStatus[];
}
