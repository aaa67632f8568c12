/**
 * A spread chain without data: agrees with most guesses and contradicts the others at random, as often as it is told to.
 * To the brain it is a chain like any other: it settles, walks on, and its sums pass the audit.
 */
import type { SlotReport, WindowJob } from '../../kernel/kernel.js';
import type { Model } from '../../posterior/model.js';
import { BETA_ONE_Q, thresholdFromNeedQ } from '../../posterior/threshold.js';
import { isRowOpen, noCounts, priorChangeOfRow } from '../../sampler/moves.js';
import { CLOSED_Q } from '../../sampler/owners.js';
import type { CostModel } from './costs.js';
import { SiteKind, toggle, type SharedSweep } from '../brain/shared-sites.js';

/** A total beyond every threshold at beta above .1. */
export const DECISIVE_Q = 2 ** 24;

export interface SyntheticSweep {
  readonly shared: SharedSweep;
  /** 4096 logit(u) by position. */
  readonly needQ: Float64Array;
}

export interface SyntheticSettings {
  readonly model: Model;
  readonly owners: Uint8Array;
  readonly costs: Pick<CostModel, 'wrongFlips' | 'wrongSwaps'>;
  /** Uniform numbers in [0, 1). */
  readonly uniform: () => number;
}

/** What all members answer to a window. */
export interface SyntheticPartials {
  /** Totals of the shared sites, or CLOSED_Q. */
  readonly totalsQ: Int32Array;
  /** The member that finds a swap closed; 0 where it is open. */
  readonly closedBy: Uint8Array;
}

/** A site of the last window: its entry, whether the move was made, and its decisive partial. */
interface Line {
  readonly entry: number;
  made: boolean;
  readonly partialQ: number;
}

export class SyntheticChain {
  readonly #settings: SyntheticSettings;
  readonly #w: Uint8Array;
  #logLikQ: number;
  #sweep: SyntheticSweep | undefined;
  #lines: Line[] = [];
  #entry = 0;

  /** @param logLikQ what an audit found of w before, 0 where none did */
  constructor(settings: SyntheticSettings, w: Uint8Array, logLikQ: number) {
    this.#settings = settings;
    this.#w = w.slice();
    this.#logLikQ = logLikQ;
  }

  report(): SlotReport {
    const underWay = this.#lines.reduce((sum, { made, partialQ }) => sum + (made ? partialQ : 0), 0);
    return {
      ...{ w: this.#w.slice(), logLikQ: this.#logLikQ + underWay },
      ...{ ownAcceptedSumQ: 0, counts: noCounts() },
    };
  }

  /** Settles the last window and walks the next. */
  walk(job: WindowJob, sweep: SyntheticSweep): SyntheticPartials {
    this.#settle(job.settleAt);
    if (job.from === 0) this.#entry = 0;
    this.#sweep = sweep;
    const { position, count, other } = sweep.shared;
    const { owners, model } = this.#settings;
    const totalsQ: number[] = [];
    const closedBy: number[] = [];
    for (; this.#entry < count && position[this.#entry]! < job.to; this.#entry++) {
      const e = this.#entry;
      if (!this.#visit(e, job, totalsQ)) continue;
      closedBy.push(totalsQ.at(-1) === CLOSED_Q ? owners[Math.floor(other[e]! / model.classes)]! : 0);
    }
    return { totalsQ: Int32Array.from(totalsQ), closedBy: Uint8Array.from(closedBy) };
  }

  #settle(settleAt: number): void {
    const lines = this.#lines;
    const sweep = this.#sweep;
    if (!sweep) return;
    const { classes } = this.#settings.model;
    let last = lines.pop();
    for (; settleAt >= 0 && last && sweep.shared.position[last.entry]! > settleAt; last = lines.pop()) {
      if (last.made) toggle(this.#w, sweep.shared, last.entry, classes);
    }
    if (last) lines.push(last);
    if (settleAt >= 0 && last) {
      this.#entry = last.entry + 1;
      // A closed swap is refused, whatever was guessed.
      if (last.partialQ !== CLOSED_Q) {
        last.made = !last.made;
        toggle(this.#w, sweep.shared, last.entry, classes);
      }
    }
    for (const { made, partialQ } of lines) if (made) this.#logLikQ += partialQ;
    this.#lines = [];
  }

  /** Whether the site has a total. */
  #visit(e: number, job: WindowJob, totalsQ: number[]): boolean {
    const { shared } = this.#sweep!;
    const { classes } = this.#settings.model;
    const kind = shared.kind[e]!;
    if (kind === SiteKind.prior) this.#drawFromPrior(e);
    if (kind === SiteKind.row) this.#walkRow(e, job.betaQ);
    if (kind === SiteKind.prior || kind === SiteKind.row) return false;
    const differ = kind === SiteKind.flip || this.#w[shared.weight[e]!] !== this.#w[shared.other[e]!];
    if (kind === SiteKind.swap && !differ) return false;
    const bit = totalsQ.length;
    const guess = ((job.guess[bit >> 3]! >> (bit & 7)) & 1) === 1;
    const partialQ = differ ? this.#partialQ(kind, guess) : CLOSED_Q;
    totalsQ.push(partialQ);
    const made = guess && differ;
    this.#lines.push({ entry: e, made, partialQ });
    if (made) toggle(this.#w, shared, e, classes);
    return true;
  }

  #partialQ(kind: number, guess: boolean): number {
    const { costs, uniform } = this.#settings;
    const wrong = uniform() < (kind === SiteKind.flip ? costs.wrongFlips : costs.wrongSwaps);
    return guess === wrong ? -DECISIVE_Q : DECISIVE_Q;
  }

  #needQ(e: number): number {
    const { shared, needQ } = this.#sweep!;
    return needQ[shared.position[e]!]!;
  }

  #drawFromPrior(e: number): void {
    const i = this.#sweep!.shared.weight[e]!;
    const needQ = this.#needQ(e) - this.#settings.model.priorQ[i]!;
    this.#w[i] = thresholdFromNeedQ(needQ, BETA_ONE_Q) <= 0 ? 1 : 0;
  }

  #walkRow(e: number, betaQ: number): void {
    const { model } = this.#settings;
    const { shared } = this.#sweep!;
    const j = shared.weight[e]! / model.classes;
    if (!isRowOpen(model, this.#w, j)) return;
    const made = thresholdFromNeedQ(this.#needQ(e) - priorChangeOfRow(model, this.#w, j), betaQ) <= 0;
    this.#lines.push({ entry: e, made, partialQ: 0 });
    if (made) toggle(this.#w, shared, e, model.classes);
  }
}
