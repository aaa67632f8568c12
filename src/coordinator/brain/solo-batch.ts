/** One chain on one worker that holds all shards: whole sweeps, no rounds within them. */
import type { SlotReport, SoloJob, SoloResult } from '../../kernel/kernel.js';
import { auditMember, Batch } from './batch.js';
import type { Chain } from './chain.js';
import { assert, WorkerFault } from './faults.js';
import type { AttachedChain, Walked, WorkerId } from './messages.js';

export class SoloBatch extends Batch {
  /** At a boundary, with nothing under way: it walks on or is ended. */
  isResting = false;
  #base: SlotReport | undefined;
  #job: SoloJob | undefined;
  #left = false;

  get chain(): Chain {
    return this.attachedChains[0]!;
  }

  get worker(): WorkerId {
    return this.group.workers[0]!;
  }

  get chains(): readonly Chain[] {
    return this.#left ? [] : this.attachedChains;
  }

  get needsAttention(): boolean {
    return this.isResting;
  }

  takeLeft(): Chain[] {
    return this.#left ? [this.chain] : [];
  }

  /** The chain leaves; only while resting. */
  leave(): void {
    assert(this.isResting, 'a chain left a solo batch inside a job');
    this.#left = true;
  }

  /** Sends the next job: up to `sweeps` sweeps, not past what the chain can walk by itself. */
  walkOn(sweeps: number): void {
    const { chain } = this;
    const sweep = chain.boundary.sweep;
    const count = Math.min(sweeps, chain.limit - sweep);
    const numbers = Array.from({ length: count }, (_, i) => sweep + i);
    this.isResting = false;
    this.#job = {
      ...{ kind: 'solo', slot: chain.number, chain: chain.number, sweep },
      betasQ: Int32Array.from(numbers, (s) => chain.betaQ(s)),
      reportAfter: numbers.filter((s, i) => chain.mustRestAfter(s) || i === count - 1),
    };
    const { worker, epoch } = this;
    this.context.emit({ type: 'walk', worker, epoch, round: this.beginRound(), jobs: [this.#job] });
  }

  protected attached([answer]: readonly (readonly AttachedChain[])[]): void {
    this.#base = answer![0]!.report;
    this.checkStart(this.chain, this.#base.logLikQ);
    this.isResting = true;
  }

  protected walked([answer]: readonly Walked[]): void {
    const job = this.#job!;
    const [result] = answer!.results;
    if (answer!.results.length !== 1 || !result || !answers(job, result)) {
      throw new WorkerFault([this.worker], `did not answer the solo job of chain ${job.chain}`);
    }
    for (const { sweep, report } of result.reports) {
      const counts = auditMember(this.worker, this.#base!, report, 0);
      this.#base = report;
      const stretch = { sweep: sweep + 1, w: report.w, logLikQ: report.logLikQ, counts };
      this.context.advance(this.chain, stretch, false);
    }
    this.isResting = true;
    this.auditAtRest(this.chain);
  }
}

function answers(job: SoloJob, result: Walked['results'][number]): result is SoloResult {
  return (
    result.kind === 'solo' &&
    result.slot === job.slot &&
    result.reports.length === job.reportAfter.length &&
    result.reports.every(({ sweep }, i) => sweep === job.reportAfter[i])
  );
}
