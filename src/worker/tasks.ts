/** What the pool's threads are asked, and what they say. */
import type { KernelName, SlotReport, SlotSpec, WalkJob, WalkResult } from '../kernel/kernel.js';
import type { PoolDescription } from '../kernel/wasm/pool.js';

/** What a thread starts with. */
export interface ThreadData {
  readonly kernel: KernelName;
  readonly description: PoolDescription;
}

export interface AttachTask {
  readonly type: 'attach';
  readonly spec: SlotSpec;
  readonly w: Uint8Array;
  readonly wantFlipDeltas: boolean;
}

export interface AttachOutcome {
  readonly report: SlotReport;
  /** Length D K, or empty when they weren't wanted. */
  readonly flipDeltasQ: Int32Array;
}

/** Jobs of different slots. */
export interface WalkTask {
  readonly type: 'walk';
  readonly jobs: readonly WalkJob[];
}

export interface AuditTask {
  readonly type: 'audit';
  readonly slot: number;
}

export type Task = AttachTask | WalkTask | AuditTask;

/** The outcome of each kind of task. */
export interface Outcomes {
  readonly attach: AttachOutcome;
  readonly walk: WalkResult[];
  /** Rows that differ from their recomputation. */
  readonly audit: number;
}

/** What a thread did for a task. */
export interface Effort {
  readonly thread: number;
  readonly seconds: number;
}

export interface Done<T> {
  readonly value: T;
  readonly effort: Effort;
}
