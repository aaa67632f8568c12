/** A worker broke a rule: it is dropped, and what it had a part in since the last audited state is done again. */
import type { WorkerId } from './messages.js';

export class WorkerFault extends Error {
  override name = 'WorkerFault';

  constructor(
    readonly workers: readonly WorkerId[],
    reason: string,
  ) {
    super(reason);
  }
}

/** An audit found that what a worker computed does not add up. */
export class AuditFault extends WorkerFault {
  override name = 'AuditFault';
}

/** The brain itself is wrong. */
export function assert(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Error(`the brain has a bug: ${text}`);
}
