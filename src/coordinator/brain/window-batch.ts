/** Chains spread over the members of a group: rounds of windows, each chain at its own site and sweep. */
import type { WindowResult } from '../../kernel/kernel.js';
import { Batch } from './batch.js';
import type { Chain } from './chain.js';
import { WorkerFault } from './faults.js';
import type { AttachedChain, Walked } from './messages.js';
import { SpreadChain } from './spread-chain.js';
import { walkingChains } from './walking-chains.js';
import { windowRisk } from './window-risk.js';

export class WindowBatch extends Batch {
  #running: SpreadChain[] = [];
  /** Those of them that the round under way walks. */
  #walking: readonly SpreadChain[] = [];
  #left: Chain[] = [];
  /** Chains that walk at a time. */
  #most = Infinity;
  #isAttached = false;

  get chains(): readonly Chain[] {
    return this.#isAttached ? this.#running.map(({ chain }) => chain) : this.attachedChains;
  }

  get needsAttention(): boolean {
    return this.#left.length > 0 || this.isIdle;
  }

  takeLeft(): Chain[] {
    return this.#left.splice(0);
  }

  /** Something has changed: chains that waited for others may walk on, or leave. */
  wake(): void {
    if (this.isIdle) this.#nextRound();
  }

  /** Chains that wait for others leave, to make room. @returns whether there are any */
  giveUpHeld(): boolean {
    const held = this.#running.filter(({ isAtRest, chain }) => isAtRest && chain.isHeld);
    this.#left.push(...held.map(({ chain }) => chain));
    this.#running = this.#running.filter((chain) => !held.includes(chain));
    return held.length > 0;
  }

  /** How many chains the member with the least room walks at a time. */
  #walkingChains(): number {
    const { memory, walkingBytes } = this.context.config;
    return Math.min(
      ...this.group.members.map(({ worker, shards }) =>
        walkingChains(memory.slotBytes(shards), this.context.threadsOf(worker), walkingBytes),
      ),
    );
  }

  protected attached(answers: readonly (readonly AttachedChain[])[]): void {
    this.#most = this.#walkingChains();
    const risk = windowRisk(Math.min(this.#most, this.attachedChains.length));
    this.#running = this.attachedChains.map((chain, c) => {
      const parts = answers.map((answer) => answer[c]!);
      this.checkStart(
        chain,
        parts.reduce((sum, { report }) => sum + report.logLikQ, 0),
      );
      return new SpreadChain(this.context, this.group, chain, parts, risk);
    });
    this.#isAttached = true;
    this.#nextRound();
  }

  protected walked(answers: readonly Walked[]): void {
    const { workers } = this.group;
    this.#walking.forEach((chain, c) => {
      const results = answers.map(({ results }, m) => {
        const result = results[c];
        if (results.length !== this.#walking.length || !isOf(chain, result)) {
          throw new WorkerFault([workers[m]!], `did not answer the window of chain ${chain.chain.number}`);
        }
        return result;
      });
      chain.take(results);
      if (chain.isAtRest) this.auditAtRest(chain.chain);
    });
    this.#nextRound();
  }

  /**
   * The chains that walk in the next round: those inside a sweep, and of the others those that are furthest behind. Few at
   * a time: then a chain's rows are still in a near cache of the thread that walks its next window.
   */
  #turn(): readonly SpreadChain[] {
    const able = this.#running.filter((chain) => !chain.waits);
    able.sort((a, b) => Number(b.isInSweep) - Number(a.isInSweep) || a.nextSweep - b.nextSweep);
    return able.slice(0, this.#most);
  }

  /** The chains that stay and have not to wait get a window each, in one message a member. */
  #nextRound(): void {
    const leaving = this.#running.filter((chain) => chain.leaves(this.closing));
    this.#left.push(...leaving.map(({ chain }) => chain));
    this.#running = this.#running.filter((chain) => !leaving.includes(chain));
    this.#walking = this.#turn();
    if (this.#walking.length === 0) return;
    const sent = this.#walking.map((chain) => chain.nextJob(this.closing));
    const round = this.beginRound();
    this.context.ledger.round(this.#walking[0]!.chain);
    for (const worker of this.group.workers) {
      this.context.emit({ type: 'walk', worker, epoch: this.epoch, round, jobs: sent });
    }
  }
}

function isOf({ chain }: SpreadChain, result: Walked['results'][number] | undefined): result is WindowResult {
  return result?.kind === 'window' && result.slot === chain.number;
}
