/** A chain of a window batch: its walk, and the audit at those sweep ends where its state must be known. */
import type { SlotReport, WindowJob, WindowResult } from '../../kernel/kernel.js';
import { sumOfCounts } from '../../sampler/moves.js';
import { SHARED, UNLIT } from '../../sampler/owners.js';
import { auditMember } from './batch.js';
import type { Chain } from './chain.js';
import type { BrainContext } from './context.js';
import { AuditFault, WorkerFault } from './faults.js';
import type { Group } from './group.js';
import type { AttachedChain } from './messages.js';
import { WindowWalk } from './window-walk.js';

export class SpreadChain {
  readonly #context: BrainContext;
  readonly #group: Group;
  readonly #walk: WindowWalk;
  /** Each member's report at the boundary. */
  #bases: readonly SlotReport[];
  #needQ = new Float64Array(0);
  #job: WindowJob | undefined;
  /** At the boundary, with no sweep begun. */
  #isAtRest = true;

  /**
   * @param parts the members' answers to the attachment
   * @param windowRisk see WindowWalk
   */
  constructor(
    context: BrainContext,
    group: Group,
    readonly chain: Chain,
    parts: readonly AttachedChain[],
    windowRisk: number,
  ) {
    const { model } = context.config.rule;
    this.#context = context;
    this.#group = group;
    this.#bases = parts.map(({ report }) => report);
    const { workers, owners } = group;
    const { hasMixed } = group.sharedSites;
    const walkGroup = {
      ...{ model, pairs: context.pairs, members: workers, owners, hasMixed },
      chances: group.chances(),
    };
    this.#walk = new WindowWalk(chain.number, chain.boundary.w.slice(), walkGroup, windowRisk);
    this.#seeFlips(parts);
  }

  #seeFlips(parts: readonly AttachedChain[]): void {
    const totalsQ = new Float64Array(this.#walk.w.length);
    parts.forEach(({ flipDeltasQ }, m) => {
      if (flipDeltasQ.length !== totalsQ.length) {
        throw new WorkerFault([this.#group.workers[m]!], `sent ${flipDeltasQ.length} flip deltas`);
      }
      for (let i = 0; i < totalsQ.length; i++) totalsQ[i]! += flipDeltasQ[i]!;
    });
    this.#walk.seeFlips(totalsQ);
  }

  /** At rest, it gives its place up: it is done, or asked to. @param leaving the chain leaves at its next boundary */
  leaves(leaving: boolean): boolean {
    return this.#isAtRest && (leaving || this.chain.isDone);
  }

  /** Whether it waits for other chains. */
  get waits(): boolean {
    return this.#isAtRest && this.chain.isHeld;
  }

  /** Whether a sweep has begun and not ended. */
  get isInSweep(): boolean {
    return !this.#isAtRest && !this.#walk.atSweepEnd;
  }

  /** The sweep that it is in, or begins next. */
  get nextSweep(): number {
    if (this.#isAtRest) return this.chain.boundary.sweep;
    return this.#walk.sweep + (this.#walk.atSweepEnd ? 1 : 0);
  }

  /**
   * The next window of a chain that does not wait.
   * @param leaving the chain leaves at its next boundary
   */
  nextJob(leaving: boolean): WindowJob {
    const { sweep } = this.#walk;
    if (this.#isAtRest) this.#beginSweep(this.chain.boundary.sweep);
    else if (this.#walk.atSweepEnd && !this.#mustRest(sweep, leaving)) this.#beginSweep(sweep + 1);
    this.#job = this.#walk.open(this.#mustRest(this.#walk.sweep, leaving));
    return this.#job;
  }

  /** Takes the members' answers to the last window. @throws WorkerFault */
  take(results: readonly WindowResult[]): void {
    const right = this.#walk.settle(results.map(({ partialsQ }) => partialsQ));
    this.#context.ledger.window(this.chain, this.#walk.takeFigures());
    if (!right || !this.#job!.report) return;
    const reports = results.map((result, m) => this.#reportOf(result, m));
    if (this.#walk.atSweepEnd) this.#rest(reports, this.#merged(reports));
    else this.#walk.learnOwned(reports.map(({ w }) => w));
  }

  /** Whether it is at the boundary, with no sweep begun. */
  get isAtRest(): boolean {
    return this.#isAtRest;
  }

  #mustRest(sweep: number, leaving: boolean): boolean {
    const { checkpointSweeps } = this.#context.config;
    const { boundary } = this.chain;
    return leaving || this.chain.mustRestAfter(sweep) || sweep + 1 - boundary.sweep >= checkpointSweeps;
  }

  #beginSweep(sweep: number): void {
    const { tables } = this.#context.config;
    const shared = this.#group.sharedSites.sweep(sweep, () => tables.plan(sweep));
    if (this.#needQ.length < shared.length) this.#needQ = new Float64Array(shared.length);
    tables.fillNeedQ(this.chain.number, sweep, this.#needQ);
    this.#walk.beginSweep({ sweep, betaQ: this.chain.betaQ(sweep), shared, needQ: this.#needQ });
    this.#context.ledger.spreadSweep(this.chain, shared.length);
    this.#isAtRest = false;
  }

  #reportOf({ report }: WindowResult, member: number): SlotReport {
    const worker = this.#group.workers[member]!;
    if (!report || report.w.length !== this.#walk.w.length) throw new WorkerFault([worker], 'sent no report');
    return report;
  }

  #rest(reports: readonly SlotReport[], w: Uint8Array): void {
    const { workers } = this.#group;
    let { counts } = this.#walk;
    reports.forEach((report, m) => {
      const own = auditMember(workers[m]!, this.#bases[m]!, report, this.#walk.acceptedQ[m]!);
      counts = sumOfCounts(counts, own);
    });
    const logLikQ = reports.reduce((sum, report) => sum + report.logLikQ, 0);
    this.#walk.rest(w);
    this.#bases = reports;
    this.#isAtRest = true;
    this.#context.advance(this.chain, { sweep: this.#walk.sweep + 1, w, logLikQ, counts }, true);
  }

  /** Owned bits from their owners; all others are known here, and every member must have the same. */
  #merged(reports: readonly SlotReport[]): Uint8Array {
    const { owners, workers } = this.#group;
    const { classes } = this.#context.config.rule.model;
    const w = this.#walk.w.slice();
    for (let j = 0; j < owners.length; j++) {
      const owner = owners[j]!;
      if (owner !== SHARED && owner !== UNLIT) {
        const owned = reports[owner - 1]!.w.subarray(j * classes, (j + 1) * classes);
        w.set(owned, j * classes);
        continue;
      }
      for (let i = j * classes; i < (j + 1) * classes; i++) {
        for (let m = 0; m < reports.length; m++) {
          if (reports[m]!.w[i] === w[i]) continue;
          throw new AuditFault([workers[m]!], `has another bit than the chain at weight ${i}`);
        }
      }
    }
    return w;
  }
}
