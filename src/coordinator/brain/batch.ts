/**
 * Some chains attached to the members of a group under one epoch. Answers of another epoch or round never get here
 * with effect: each batch has at most one round under way, and takes each member's answer to it once.
 */
import type { SlotReport } from '../../kernel/kernel.js';
import { countsBetween, type MoveCounts } from '../../sampler/moves.js';
import type { Chain } from './chain.js';
import type { BrainContext } from './context.js';
import { assert, AuditFault, WorkerFault } from './faults.js';
import type { Group } from './group.js';
import type { Attached, AttachedChain, Walked, WorkerId } from './messages.js';

export abstract class Batch {
  /** Chains leave at their next boundary. */
  closing = false;
  /** Round under way, or the last one; 0 = the attachment. */
  #round = 0;
  /** Not all members have answered it. */
  #isUnderWay = true;
  readonly #answers: (Attached | Walked | undefined)[];

  constructor(
    protected readonly context: BrainContext,
    readonly group: Group,
    readonly epoch: number,
    protected readonly attachedChains: readonly Chain[],
  ) {
    this.#answers = group.workers.map(() => undefined);
  }

  /** Chains that have not left. */
  abstract readonly chains: readonly Chain[];

  /** Chains that left since this was called last; each rests at its boundary. */
  abstract takeLeft(): Chain[];

  /** Whether somebody has to decide how it goes on: chains left, or all of them rest. */
  abstract readonly needsAttention: boolean;

  /** All members have answered the attachment; in the order of the members. */
  protected abstract attached(answers: readonly (readonly AttachedChain[])[]): void;

  /** All members have answered the round. */
  protected abstract walked(answers: readonly Walked[]): void;

  /** Attached, and no round is under way. */
  protected get isIdle(): boolean {
    return !this.#isUnderWay;
  }

  /** The number of a new round. */
  protected beginRound(): number {
    assert(!this.#isUnderWay, 'two rounds of a batch at a time');
    this.#isUnderWay = true;
    return ++this.#round;
  }

  begin(): void {
    const { group, epoch, context } = this;
    const chains = this.attachedChains.map(({ number, boundary }) => ({ chain: number, w: boundary.w }));
    group.members.forEach(({ worker, shards }, m) => {
      context.emit({
        ...{ type: 'attach', worker, epoch, shards, owners: group.owners, self: m + 1 },
        ...{ wantFlipDeltas: !group.isSolo, chains },
      });
    });
  }

  /** At a chain's boundary: has its rows recomputed, where it is its turn. */
  protected auditAtRest(chain: Chain): void {
    if (!this.context.audits.takes(chain)) return;
    for (const worker of this.group.workers) {
      this.context.emit({ type: 'audit', worker, epoch: this.epoch, chain: chain.number });
    }
  }

  /** Frees the members' slots, except of chains that another batch has attached there since. */
  end(
    attachedElsewhere: (worker: WorkerId, chain: number) => boolean,
    gone: (worker: WorkerId) => boolean,
  ): void {
    for (const worker of this.group.workers) {
      if (gone(worker)) continue;
      const chains = this.attachedChains
        .map(({ number }) => number)
        .filter((c) => !attachedElsewhere(worker, c));
      this.context.emit({ type: 'detach', worker, epoch: this.epoch, chains });
    }
  }

  /** @throws WorkerFault */
  hear(event: Attached | Walked): void {
    const member = this.group.workers.indexOf(event.worker);
    const round = event.type === 'walked' ? event.round : 0;
    if (member < 0 || !this.#isUnderWay || round !== this.#round || this.#answers[member]) return;
    this.#answers[member] = event;
    if (this.#answers.includes(undefined)) return;
    const answers = this.#answers.slice();
    this.#answers.fill(undefined);
    this.#isUnderWay = false;
    if (event.type === 'walked') return this.walked(answers as Walked[]);
    const parts = (answers as Attached[]).map((answer) => this.#checkAttached(answer));
    this.attachedChains.forEach((chain) => this.context.audits.attached(chain));
    this.attached(parts);
  }

  #checkAttached({ worker, chains }: Attached): readonly AttachedChain[] {
    const asked = this.attachedChains;
    if (chains.length !== asked.length || chains.some(({ chain }, i) => chain !== asked[i]!.number)) {
      throw new WorkerFault([worker], 'attached other chains than it was told to');
    }
    return chains;
  }

  /** The members' log-likelihoods must add up to what an audit has found before. */
  protected checkStart(chain: Chain, logLikQ: number): void {
    const { sweep, logLikQ: knownQ } = chain.boundary;
    if (knownQ === undefined || knownQ === logLikQ) return;
    const text = `chain ${chain.number} has log-likelihood ${knownQ} after ${sweep} sweeps, not ${logLikQ}`;
    throw new AuditFault(this.group.workers, text);
  }
}

/**
 * The exact audit of one member over a stretch: its log-likelihood must have changed by the sum of its accepted partials.
 * @param sharedQ sum over accepted shared moves
 * @returns the moves it decided by itself
 * @throws WorkerFault
 */
export function auditMember(
  worker: WorkerId,
  before: SlotReport,
  after: SlotReport,
  sharedQ: number,
): MoveCounts {
  const changeQ = after.logLikQ - before.logLikQ;
  const acceptedQ = sharedQ + after.ownAcceptedSumQ - before.ownAcceptedSumQ;
  if (changeQ !== acceptedQ) {
    throw new AuditFault(
      [worker],
      `log-likelihood changed by ${changeQ}, accepted deltas sum to ${acceptedQ}`,
    );
  }
  return countsBetween(before.counts, after.counts);
}
