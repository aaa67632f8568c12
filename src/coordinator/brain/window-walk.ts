/**
 * One chain that is spread over several members, seen from the coordinator: walks a sweep's shared sites in windows of
 * guessed decisions, decides them by the members' partial deltas, and takes back what came after a wrong guess.
 * Bits of SHARED and UNLIT features are exact here; those of owned features are the last known ones, used for guesses only.
 */
import type { WindowJob } from '../../kernel/kernel.js';
import type { Model } from '../../posterior/model.js';
import { BETA_ONE_Q, thresholdFromNeedQ } from '../../posterior/threshold.js';
import {
  isRowOpen,
  noCounts,
  priorChangeOfRow,
  priorChangeOfSwap,
  type MoveCounts,
} from '../../sampler/moves.js';
import { CLOSED_Q } from '../../sampler/owners.js';
import { firstSwapSite, type NeighbourPairs } from '../../sampler/sites.js';
import { assert, WorkerFault } from './faults.js';
import type { WorkerId } from './messages.js';
import { GuessKind, Predictor } from './predictor.js';
import { SiteKind, type SharedSweep } from './shared-sites.js';
import { Decision, WindowLog } from './window-log.js';

/** A window ends where the risks of its guesses add up to this. */
const WINDOW_RISK = 0.7;

/** A wrong decision about a total larger than this leads so far off that totals seen there say nothing. */
const NEAR_Q = 65_536;

/** What walking cost. */
export interface WalkFigures {
  windows: number;
  wrongFlips: number;
  wrongSwaps: number;
  /** Sites of the windows sent, private ones too; a sweep needs each site once. */
  sitesWalked: number;
}

function noFigures(): WalkFigures {
  return { windows: 0, wrongFlips: 0, wrongSwaps: 0, sitesWalked: 0 };
}

/** A group as a walk needs it. */
export interface WalkGroup {
  readonly model: Model;
  readonly pairs: NeighbourPairs;
  /** In the order of their numbers in `owners`, which begin at 1. */
  readonly members: readonly WorkerId[];
  readonly owners: Uint8Array;
  /** Whether some swaps join a SHARED and an owned feature. */
  readonly hasMixed: boolean;
}

export class WindowWalk {
  /** Sum over accepted shared moves of each member's partial, since the last rest. */
  readonly acceptedQ: Float64Array;
  /** Moves decided at the coordinator since the last rest. */
  counts: MoveCounts = noCounts();
  sweep = -1;

  readonly #group: WalkGroup;
  readonly #firstSwap: number;
  readonly #predictor: Predictor;
  readonly #log = new WindowLog();
  /** The sweep, plus 1, in which a site's total was seen last; by site number. */
  readonly #seenIn: Int32Array;
  #shared!: SharedSweep;
  #needQ!: Float64Array;
  #betaQ = 0;
  /** First shared site and first position that are not final. */
  #entry = 0;
  #from = 0;
  /** The same for the end of the window under way. */
  #entryTo = 0;
  #to = 0;
  #settleAt = -1;
  #figures = noFigures();

  /** @param w state at a sweep boundary, one byte a weight; kept and changed */
  constructor(
    readonly chain: number,
    readonly w: Uint8Array,
    group: WalkGroup,
  ) {
    const swaps = group.pairs.count * group.model.classes;
    this.#group = group;
    this.#firstSwap = firstSwapSite(group.model);
    this.#predictor = new Predictor(group.model.features, group.model.classes, swaps);
    this.#seenIn = new Int32Array(this.#firstSwap + swaps);
    this.acceptedQ = new Float64Array(group.members.length);
  }

  /** Takes totals of all flips in the present state, length D K. */
  seeFlips(totalsQ: ArrayLike<number>): void {
    this.#predictor.startFrom(totalsQ, this.w);
  }

  /** @param needQ 4096 logit(u) by position; read until the sweep ends */
  beginSweep(sweep: number, betaQ: number, shared: SharedSweep, needQ: Float64Array): void {
    assert(this.sweep < 0 || this.atSweepEnd, 'a sweep began before the last one ended');
    this.sweep = sweep;
    this.#betaQ = betaQ;
    this.#shared = shared;
    this.#needQ = needQ;
    this.#entry = 0;
    this.#from = 0;
  }

  /** Whether every site of the sweep is final. */
  get atSweepEnd(): boolean {
    return this.#from === this.#shared.length;
  }

  /**
   * Guesses the next window; an empty one at the sweep's end. It asks for a report where it brings the flips to an end
   * and owned bits must be known for the swaps.
   * @param reportAtEnd whether a window that ends the sweep asks for a report, too
   */
  open(reportAtEnd: boolean): WindowJob {
    const { length, swapsFrom } = this.#shared;
    this.#log.clear();
    this.#guess();
    const endsFlips = this.#group.hasMixed && this.#from < swapsFrom && this.#to === swapsFrom;
    const settleAt = this.#settleAt;
    this.#settleAt = -1;
    this.#figures.windows++;
    this.#figures.sitesWalked += this.#to - this.#from;
    return {
      ...{ kind: 'window', slot: this.chain, chain: this.chain, sweep: this.sweep, betaQ: this.#betaQ },
      ...{ settleAt, from: this.#from, to: this.#to, guess: this.#log.guessBits() },
      report: this.#to === length ? reportAtEnd : endsFlips,
    };
  }

  /**
   * Decides the window by its members' partials; everything up to the first wrong guess is final.
   * @param partialsQ one array a member
   * @returns whether every guess was right
   * @throws WorkerFault when partials can't be an honest member's
   */
  settle(partialsQ: readonly Int32Array[]): boolean {
    const log = this.#log;
    let site = 0;
    for (let l = 0; l < log.count; l++) {
      const e = log.entry[l]!;
      const kind = this.#shared.kind[e]!;
      if (kind === SiteKind.row) {
        this.#countRow(log.decision[l]!);
        continue;
      }
      const totalQ = this.#totalQ(e, kind, site, partialsQ);
      const guess = log.decision[l]!;
      const taken = totalQ !== CLOSED_Q && totalQ >= log.thresholdQ[l]! ? 1 : 0;
      log.decision[l] = totalQ === CLOSED_Q ? Decision.closed : taken;
      this.#decided(l, e, kind, totalQ, taken !== guess);
      if (taken) for (let m = 0; m < partialsQ.length; m++) this.acceptedQ[m]! += partialsQ[m]![site]!;
      if (taken !== guess) {
        this.#takeBack(l, site, partialsQ);
        return false;
      }
      site++;
    }
    this.#checkLengths(site, partialsQ);
    this.#seeOwnedBits(log.count);
    this.#finalUpTo(this.#entryTo, this.#to);
    return true;
  }

  /** Takes owned bits of a report on the state after the last window. @param reports one w a member */
  seeReported(reports: readonly Uint8Array[]): void {
    const { owners, model } = this.#group;
    const { classes } = model;
    for (let j = 0; j < owners.length; j++) {
      const w = reports[owners[j]! - 1];
      if (w) this.w.set(w.subarray(j * classes, (j + 1) * classes), j * classes);
    }
  }

  /** At a sweep boundary: takes the audited state over and starts the sums of a new stretch. */
  rest(w: Uint8Array): void {
    assert(this.atSweepEnd, 'a walk rests inside a sweep');
    this.w.set(w);
    this.acceptedQ.fill(0);
    this.counts = noCounts();
  }

  /** What walking cost since this was called last. */
  takeFigures(): WalkFigures {
    const figures = this.#figures;
    this.#figures = noFigures();
    return figures;
  }

  /** Walks on from the first site that is not final until enough risk has come together. */
  #guess(): void {
    const { kind, position } = this.#shared;
    const { entry: stop, position: end } = this.#limit();
    let risk = 0;
    let e = this.#entry;
    while (e < stop && risk < WINDOW_RISK) {
      const k = kind[e]!;
      if (k === SiteKind.prior) this.#drawFromPrior(e);
      else if (k === SiteKind.row) this.#walkRow(e);
      else risk += k === SiteKind.flip ? this.#guessFlip(e) : this.#guessSwap(e, k);
      e++;
    }
    this.#entryTo = e;
    this.#to = e < stop ? position[e - 1]! + 1 : end;
  }

  /** Before swaps with owned features a window ends, so that a report can tell the owned bits. */
  #limit(): { readonly entry: number; readonly position: number } {
    const { count, length, swapEntry, swapsFrom } = this.#shared;
    const before = this.#group.hasMixed && this.#from < swapsFrom;
    return before ? { entry: swapEntry, position: swapsFrom } : { entry: count, position: length };
  }

  #thresholdQ(e: number, priorChangeQ: number): number {
    return thresholdFromNeedQ(this.#needQ[this.#shared.position[e]!]! - priorChangeQ, this.#betaQ);
  }

  /** The same each time it is walked, so it never has to be taken back. */
  #drawFromPrior(e: number): void {
    const i = this.#shared.weight[e]!;
    const needQ = this.#needQ[this.#shared.position[e]!]! - this.#group.model.priorQ[i]!;
    this.w[i] = thresholdFromNeedQ(needQ, BETA_ONE_Q) <= 0 ? 1 : 0;
  }

  #guessFlip(e: number): number {
    const i = this.#shared.weight[e]!;
    const bit = this.w[i]!;
    const priorQ = this.#group.model.priorQ[i]!;
    const thresholdQ = this.#thresholdQ(e, bit ? -priorQ : priorQ);
    const others = this.#predictor.others(this.w, i);
    const distanceQ = this.#predictor.flipQ(i, bit, others) - thresholdQ;
    const fresh = this.#seenIn[i] === this.sweep + 1;
    const guessClass = this.#predictor.guessClass(fresh ? GuessKind.freshFlip : GuessKind.flip, distanceQ);
    const taken = this.#predictor.guess(guessClass);
    this.#log.pushFlip(e, bit, others, taken, thresholdQ, guessClass);
    this.w[i] = bit ^ taken;
    return this.#predictor.risk(guessClass);
  }

  /** A swap of two SHARED features whose bits are equal is no site; a mixed one is always a site. */
  #guessSwap(e: number, kind: number): number {
    const i = this.#shared.weight[e]!;
    const i2 = this.#shared.other[e]!;
    const bit = this.w[i]!;
    const open = bit !== this.w[i2];
    if (!open && kind === SiteKind.swap) return 0;
    const thresholdQ = this.#thresholdQ(e, this.#priorChangeOfSwap(bit ? i : i2, bit ? i2 : i));
    const swap = this.#shared.site[e]! - this.#firstSwap;
    const distanceQ = this.#predictSwapQ(swap, bit, i, i2) - thresholdQ;
    const guessKind = open ? this.#swapGuessKind(e, kind, bit) : GuessKind.closedMixed;
    const guessClass = this.#predictor.guessClass(guessKind, distanceQ);
    const taken = this.#predictor.guess(guessClass);
    this.#log.pushShared(e, bit, taken, thresholdQ, guessClass);
    if (taken) this.#toggleSwap(e);
    return this.#predictor.risk(guessClass);
  }

  /** As seen last, else the sum of the two flips. */
  #predictSwapQ(swap: number, bit: number, i: number, i2: number): number {
    const predictor = this.#predictor;
    if (predictor.hasSwap(swap, bit)) return predictor.swapQ(swap, bit);
    return (
      predictor.flipQ(i, bit, predictor.others(this.w, i)) +
      predictor.flipQ(i2, 1 - bit, predictor.others(this.w, i2))
    );
  }

  #priorChangeOfSwap(from: number, to: number): number {
    const { model } = this.#group;
    const { classes } = model;
    return priorChangeOfSwap(model, (from / classes) | 0, (to / classes) | 0, from % classes);
  }

  #swapGuessKind(e: number, kind: number, bit: number): number {
    const site = this.#shared.site[e]!;
    const fresh = this.#seenIn[site] === this.sweep + 1;
    if (kind === SiteKind.mixed) return fresh ? GuessKind.freshMixed : GuessKind.mixed;
    if (!this.#predictor.hasSwap(site - this.#firstSwap, bit)) return GuessKind.sumSwap;
    return fresh ? GuessKind.freshSwap : GuessKind.swap;
  }

  /** The row of a SHARED feature moves by the prior alone: every member knows the decision. */
  #walkRow(e: number): void {
    const { model } = this.#group;
    const j = this.#shared.weight[e]! / model.classes;
    if (!isRowOpen(model, this.w, j)) return;
    const taken = 0 >= this.#thresholdQ(e, priorChangeOfRow(model, this.w, j)) ? 1 : 0;
    this.#log.pushRow(e, taken);
    if (taken) this.#toggleRow(e);
  }

  /** Sum of the members' partials at a shared site, or CLOSED_Q. */
  #totalQ(e: number, kind: number, site: number, partialsQ: readonly Int32Array[]): number {
    let totalQ = 0;
    for (let m = 0; m < partialsQ.length; m++) {
      const partialQ = partialsQ[m]![site];
      if (partialQ === undefined) throw this.#fault(m, 'fewer partials than shared sites');
      if (partialQ === CLOSED_Q) return this.#closed(e, kind, m);
      totalQ += partialQ;
    }
    return totalQ;
  }

  /** Only the owner of a mixed swap's other feature may find it closed. */
  #closed(e: number, kind: number, member: number): number {
    const { owners, model } = this.#group;
    const owner = owners[(this.#shared.other[e]! / model.classes) | 0]!;
    if (kind !== SiteKind.mixed || owner !== member + 1) throw this.#fault(member, "closed another's swap");
    return CLOSED_Q;
  }

  #fault(member: number, reason: string): WorkerFault {
    return new WorkerFault(
      [this.#group.members[member]!],
      `chain ${this.chain}, sweep ${this.sweep}: ${reason}`,
    );
  }

  #checkLengths(sites: number, partialsQ: readonly Int32Array[]): void {
    partialsQ.forEach((partials, m) => {
      if (partials.length !== sites) throw this.#fault(m, `${partials.length} partials for ${sites} sites`);
    });
  }

  /** Counts a final decision and learns from it. */
  #decided(l: number, e: number, kind: number, totalQ: number, wrong: boolean): void {
    const { counts } = this;
    const taken = this.#log.decision[l] === Decision.taken ? 1 : 0;
    this.#predictor.learn(this.#log.guessClass[l]!, taken);
    if (kind === SiteKind.flip) {
      counts.flipsProposed++;
      counts.flipsAccepted += taken;
      if (wrong) this.#figures.wrongFlips++;
    } else {
      if (totalQ !== CLOSED_Q) counts.swapsProposed++;
      counts.swapsAccepted += taken;
      if (wrong) this.#figures.wrongSwaps++;
    }
    this.#see(l, e, kind, totalQ);
    if (taken && kind !== SiteKind.flip) this.#takeSwap(l, e, totalQ);
  }

  #takeSwap(l: number, e: number, totalQ: number): void {
    const { site, weight, other } = this.#shared;
    const bit = this.#log.bit[l]!;
    const from = bit ? weight[e]! : other[e]!;
    const to = bit ? other[e]! : weight[e]!;
    this.#predictor.takeSwap(site[e]! - this.#firstSwap, bit, from, to, totalQ);
  }

  #countRow(taken: number): void {
    this.counts.rowsProposed++;
    this.counts.rowsAccepted += taken;
  }

  #see(l: number, e: number, kind: number, totalQ: number): void {
    if (totalQ === CLOSED_Q) return;
    const site = this.#shared.site[e]!;
    const bit = this.#log.bit[l]!;
    if (kind === SiteKind.flip) this.#predictor.seeFlip(site, bit, this.#log.others[l]!, totalQ);
    else this.#predictor.seeSwap(site - this.#firstSwap, bit, totalQ);
    this.#seenIn[site] = this.sweep + 1;
  }

  /** The guess of log line `wrong` was wrong: learns from the totals after it, undoes them, decides it the other way. */
  #takeBack(wrong: number, site: number, partialsQ: readonly Int32Array[]): void {
    const log = this.#log;
    const totalQ = partialsQ.reduce((sum, partials) => sum + partials[site]!, 0);
    if (Math.abs(totalQ) <= NEAR_Q && partialsQ.every((partials) => partials.length === log.shared)) {
      this.#seeUndone(wrong + 1, site + 1, partialsQ);
    }
    for (let l = log.count - 1; l > wrong; l--) if (log.decision[l]) this.#toggle(log.entry[l]!);
    const e = log.entry[wrong]!;
    this.#toggle(e);
    this.#seeOwnedBits(wrong + 1);
    this.#settleAt = this.#shared.position[e]!;
    this.#finalUpTo(e + 1, this.#settleAt + 1);
  }

  /** Totals after a wrong guess were computed one small decision off the chain's path: near enough for the next guess. */
  #seeUndone(from: number, site: number, partialsQ: readonly Int32Array[]): void {
    const log = this.#log;
    for (let l = from; l < log.count; l++) {
      const e = log.entry[l]!;
      const kind = this.#shared.kind[e]!;
      if (kind === SiteKind.row) continue;
      let totalQ = 0;
      for (let m = 0; m < partialsQ.length; m++) totalQ += partialsQ[m]![site]!;
      if (totalQ > CLOSED_Q) this.#see(l, e, kind, totalQ);
      site++;
    }
  }

  /** Final mixed swaps tell the owned bit. */
  #seeOwnedBits(lines: number): void {
    const log = this.#log;
    for (let l = 0; l < lines; l++) {
      const e = log.entry[l]!;
      if (this.#shared.kind[e] !== SiteKind.mixed) continue;
      const bit = log.bit[l]!;
      this.w[this.#shared.other[e]!] = log.decision[l] === Decision.refused ? 1 - bit : bit;
    }
  }

  #finalUpTo(entry: number, position: number): void {
    this.#entry = entry;
    this.#from = position;
  }

  #toggle(e: number): void {
    const kind = this.#shared.kind[e]!;
    if (kind === SiteKind.flip) this.w[this.#shared.weight[e]!]! ^= 1;
    else if (kind === SiteKind.row) this.#toggleRow(e);
    else this.#toggleSwap(e);
  }

  #toggleSwap(e: number): void {
    this.w[this.#shared.weight[e]!]! ^= 1;
    this.w[this.#shared.other[e]!]! ^= 1;
  }

  #toggleRow(e: number): void {
    const start = this.#shared.weight[e]!;
    for (let k = 0; k < this.#group.model.classes; k++) this.w[start + k]! ^= 1;
  }
}
