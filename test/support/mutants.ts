/**
 * Reference kernels with a fault each, to show that a check would notice it. They tell the sampler what their audit wants
 * to hear: the log-likelihood that their own deltas lead to.
 */
import type { SlotReport, SlotSpec } from '../../src/kernel/kernel.js';
import type { Proposal } from '../../src/sampler/moves.js';
import { ReferenceKernel } from './reference-kernel.js';
import { ReferenceSlot, type Change, type ReferenceShard } from './reference-slot.js';

/** Reports the start's log-likelihood plus the accepted deltas, right or wrong. */
class SmoothTalker extends ReferenceKernel {
  readonly #startsQ = new WeakMap<ReferenceSlot, number>();

  protected override report(slot: ReferenceSlot): SlotReport {
    const report = super.report(slot);
    const startQ = this.#startsQ.get(slot) ?? report.logLikQ;
    this.#startsQ.set(slot, startQ);
    return { ...report, logLikQ: startQ + report.ownAcceptedSumQ };
  }
}

/** Takes a flip back to 0 for the flip to 1 with its sign turned: `up` where `down` belongs. */
class UpForDownSlot extends ReferenceSlot {
  override deltaQ(changes: readonly Change[]): number {
    const i = changes[0]!.j * this.model.classes + changes[0]!.k;
    if (changes.length > 1 || this.w[i] === 0) return super.deltaQ(changes);
    this.w[i] = 0;
    const deltaQ = -super.deltaQ(changes);
    this.w[i] = 1;
    return deltaQ;
  }
}

/** Forgets to bring one of the rows that an accepted move touches up to date. */
class SkippedRowSlot extends ReferenceSlot {
  override apply(changes: readonly Change[]): void {
    const { classes } = this.model;
    const start = this.shards[0]!.litRows[changes[0]!.j]![0]! * classes;
    const row = this.z[0]!.slice(start, start + classes);
    super.apply(changes);
    this.z[0]!.set(row, start);
  }
}

function withSlot(Slot: typeof ReferenceSlot, Kernel: typeof ReferenceKernel): typeof ReferenceKernel {
  return class extends Kernel {
    protected override makeSlot(
      shards: readonly ReferenceShard[],
      spec: SlotSpec,
      w: Uint8Array,
    ): ReferenceSlot {
      return new Slot(this.rule.model, shards, spec, w);
    }
  };
}

export const WrongDelta = withSlot(UpForDownSlot, SmoothTalker);
export const SkippedRow = withSlot(SkippedRowSlot, SmoothTalker);

/** The same faults, reported as they are. */
export const HonestWrongDelta = withSlot(UpForDownSlot, ReferenceKernel);
export const HonestSkippedRow = withSlot(SkippedRowSlot, ReferenceKernel);

/** Leaves the prior out. */
export class NoPrior extends ReferenceKernel {
  protected override priorChangeQ(): number {
    return 0;
  }
}

/** Turns the prior term of swaps round. */
export class TurnedSwapPrior extends ReferenceKernel {
  protected override priorChangeQ(slot: ReferenceSlot, move: Proposal): number {
    const changeQ = super.priorChangeQ(slot, move);
    return move.kind === 'swap' ? -changeQ : changeQ;
  }
}
