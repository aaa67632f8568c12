/** Chains spread over the members of a group: rounds of windows, each chain at its own site and sweep. */
import type { WindowResult } from '../../kernel/kernel.js';
import { Batch } from './batch.js';
import type { Chain } from './chain.js';
import { WorkerFault } from './faults.js';
import type { AttachedChain, Walked } from './messages.js';
import { SpreadChain } from './spread-chain.js';
import { windowRisk } from './window-risk.js';

export class WindowBatch extends Batch {
  #running: SpreadChain[] = [];
  /** Those of them that the round under way walks. */
  #walking: readonly SpreadChain[] = [];
  #left: Chain[] = [];
  #isAttached = false;

  get chains(): readonly Chain[] {
    return this.#isAttached ? this.#running.map(({ chain }) => chain) : this.attachedChains;
  }

  get needsAttention(): boolean {
    return this.#left.length > 0;
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

  protected attached(answers: readonly (readonly AttachedChain[])[]): void {
    this.#running = this.attachedChains.map((chain, c) => {
      const parts = answers.map((answer) => answer[c]!);
      this.checkStart(
        chain,
        parts.reduce((sum, { report }) => sum + report.logLikQ, 0),
      );
      return new SpreadChain(this.context, this.group, chain, parts, windowRisk(this.attachedChains.length));
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

  /** The chains that stay and have not to wait get a window each, in one message a member. */
  #nextRound(): void {
    const leaving = this.#running.filter((chain) => chain.leaves(this.closing));
    this.#left.push(...leaving.map(({ chain }) => chain));
    this.#running = this.#running.filter((chain) => !leaving.includes(chain));
    const jobs = this.#running.map((chain) => chain.nextJob(this.closing));
    this.#walking = this.#running.filter((_, c) => jobs[c]);
    const sent = jobs.filter((job) => job !== undefined);
    if (sent.length === 0) return;
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
