/**
 * What the coordinator's brain hears (events) and says (commands). Both are plain data: the networked coordinator turns
 * them into messages of bitgibbs.v1, the in-process and simulated drivers hand them over directly.
 *
 * A *batch* is some chains on some members (workers). A batch with one member walks whole sweeps there (solo jobs); a batch
 * with several walks windows: each round goes to all members, and the next round starts when all have answered.
 * Each attachment of a batch has an *epoch*, one number for the whole run that only grows: an answer whose epoch or round
 * is not the batch's present one is late or doubled, and is dropped.
 */
import type { SlotReport, WalkJob, WalkResult } from '../../kernel/kernel.js';
import type { MoveCounts } from '../../kernel/kernel.js';
import type { ReplicaStates } from '../../sampler/tempering/codec.js';
import type { LadderDraw } from '../../sampler/tempering/replica-exchange.js';

export type WorkerId = number;

export interface WorkerJoined {
  readonly type: 'workerJoined';
  readonly worker: WorkerId;
  readonly threads: number;
  /** Memory that shards and slots may take, in bytes. */
  readonly memoryBytes: number;
}

export interface WorkerLost {
  readonly type: 'workerLost';
  readonly worker: WorkerId;
}

/** The worker leaves on purpose (scale-down, SIGTERM): give it nothing new; what it was doing is redone elsewhere. */
export interface WorkerLeaving {
  readonly type: 'workerLeaving';
  readonly worker: WorkerId;
}

/** The worker holds exactly these shards. */
export interface Loaded {
  readonly type: 'loaded';
  readonly worker: WorkerId;
  readonly shards: readonly number[];
}

export interface AttachedChain {
  readonly chain: number;
  readonly report: SlotReport;
  /** Partial delta of flipping each weight, length D K: the first guesses of a shared chain. Empty for solo batches. */
  readonly flipDeltasQ: Int32Array;
}

export interface Attached {
  readonly type: 'attached';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly chains: readonly AttachedChain[];
}

export interface Walked {
  readonly type: 'walked';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly round: number;
  /** In the order of the command's jobs; `slot` is the chain's number. */
  readonly results: readonly WalkResult[];
}

/** Answer to `audit`: table rows that differ from their recomputation (0 is right). */
export interface Audited {
  readonly type: 'audited';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly chain: number;
  readonly differing: number;
  /** What it took a thread of the worker. */
  readonly seconds: number;
}

/** Finish the sweeps under way, then say `finished`. */
export interface StopAsked {
  readonly type: 'stopAsked';
}

/** Every chain is to have so many draws: more than before. */
export interface Extended {
  readonly type: 'extended';
  readonly draws: number;
}

/** Time for a full recompute: of some chain, where it rests next. Changes messages, never a draw. */
export interface AuditDue {
  readonly type: 'auditDue';
}

/** Measured speed: how many sweeps a solo job may have from now on. Changes messages, never a draw. */
export interface Pace {
  readonly type: 'pace';
  readonly soloSweepsPerJob: number;
}

export type BrainEvent =
  | WorkerJoined
  | WorkerLost
  | WorkerLeaving
  | Loaded
  | Attached
  | Walked
  | Audited
  | StopAsked
  | Extended
  | AuditDue
  | Pace;

/** Hold exactly these shards: pull what is missing, drop the rest, then answer `loaded`. */
export interface Load {
  readonly type: 'load';
  readonly worker: WorkerId;
  readonly shards: readonly number[];
}

/** Make a slot a chain (slot number = chain number) and answer `attached`. Replaces any earlier slot of these chains. */
export interface Attach {
  readonly type: 'attach';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly shards: readonly number[];
  /** See sampler/owners.ts. */
  readonly owners: Uint8Array;
  readonly self: number;
  readonly wantFlipDeltas: boolean;
  readonly chains: readonly { readonly chain: number; readonly w: Uint8Array }[];
}

export interface Walk {
  readonly type: 'walk';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly round: number;
  readonly jobs: readonly WalkJob[];
}

/** The batch with this epoch is over: free its slots, answer nothing more for it. */
export interface Detach {
  readonly type: 'detach';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly chains: readonly number[];
}

/** Recompute a chain's rows from its bits and answer `audited`. */
export interface Audit {
  readonly type: 'audit';
  readonly worker: WorkerId;
  readonly epoch: number;
  readonly chain: number;
}

/** The worker broke a rule (audit mismatch, impossible answer): end its stream and don't take it back. */
export interface DropWorker {
  readonly type: 'dropWorker';
  readonly worker: WorkerId;
  readonly reason: string;
}

/** A draw whose audit passed. Draws of one chain come in order. */
export interface DrawCommand {
  readonly type: 'draw';
  readonly chain: number;
  readonly draw: number;
  /** Number of the draw's last sweep. */
  readonly sweep: number;
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the chain's previous draw (or the start of sampling), prior draws and unlit features left out. */
  readonly counts: MoveCounts;
  /** Of a tempered chain. */
  readonly ladder?: LadderDraw;
}

/** A kept state of the warm-up, audited like a draw; numbered from 0, moves since the one before. */
export interface WarmupDrawCommand extends Omit<DrawCommand, 'type'> {
  readonly type: 'warmupDraw';
}

/** A chain's audited state at a sweep boundary that gave no draw: `sweep` sweeps are done. Enough to resume from. */
export interface Checkpoint {
  readonly type: 'checkpoint';
  readonly chain: number;
  readonly sweep: number;
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the chain's last draw or kept warm-up draw (or the start of sampling). */
  readonly counts: MoveCounts;
  /** Of a tempered chain, which gives a checkpoint at draws too: all of it, w above is the state at beta 1. */
  readonly replicas?: ReplicaStates;
}

/** What tells of a chain's audited state. */
export type AuditedState = DrawCommand | WarmupDrawCommand | Checkpoint;

/** All draws are out, or a stop was asked and all chains rest at a sweep boundary. */
export interface Finished {
  readonly type: 'finished';
  readonly stopped: boolean;
}

/** Something for the log and the metrics, in plain words; never needed for correctness. */
export interface Notice {
  readonly type: 'notice';
  readonly text: string;
}

export type BrainCommand =
  | Load
  | Attach
  | Walk
  | Detach
  | Audit
  | DropWorker
  | DrawCommand
  | WarmupDrawCommand
  | Checkpoint
  | Finished
  | Notice;
