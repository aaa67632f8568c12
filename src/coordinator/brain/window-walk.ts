/**
 * One chain that is spread over several members, seen from the coordinator: walks a sweep's shared sites in windows of
 * guessed decisions, decides them by the members' partial deltas, and takes back what came after a wrong guess.
 * Bits of SHARED and UNLIT features are exact here; those of owned features are the last known ones, used for guesses only.
 */
import type { WindowJob } from '../../kernel/kernel.js';
import type { Model } from '../../posterior/model.js';
import { noCounts, type MoveCounts } from '../../sampler/moves.js';
import { CLOSED_Q, SHARED, UNLIT } from '../../sampler/owners.js';
import { firstSwapSite, type NeighbourPairs } from '../../sampler/sites.js';
import type { Chances } from './chances.js';
import { assert, WorkerFault } from './faults.js';
import { Guesser, type ChainSweep } from './guesser.js';
import type { WorkerId } from './messages.js';
import { Predictor } from './predictor.js';
import { SiteKind, toggle } from './shared-sites.js';
import { noFigures, type WalkFigures } from './walk-figures.js';
import { Decision, WindowLog } from './window-log.js';

/** A wrong decision about a total larger than this leads so far off that totals seen there say nothing. */
const NEAR_Q = 65_536;

/**
 * Bits of owned features change during the swaps, by swaps that their owners decide. So many times in a sweep's swaps they
 * are asked for, because guesses at mixed swaps go by them.
 */
const ASKED_IN_SWAPS = 5;

/** Sum of the partials of a site, or CLOSED_Q. */
function sumAt(partialsQ: readonly Int32Array[], site: number): number {
  let totalQ = 0;
  for (let m = 0; m < partialsQ.length; m++) {
    const partialQ = partialsQ[m]![site]!;
    if (partialQ === CLOSED_Q) return CLOSED_Q;
    totalQ += partialQ;
  }
  return totalQ;
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
  /** Of this walk, or shared by walks at the same beta. */
  readonly chances: Chances;
}

export class WindowWalk {
  /** Sum over accepted shared moves of each member's partial, since the last rest. */
  readonly acceptedQ: Float64Array;
  /** Moves decided at the coordinator since the last rest. */
  counts: MoveCounts = noCounts();
  readonly #group: WalkGroup;
  readonly #predictor: Predictor;
  readonly #log = new WindowLog();
  readonly #guesser: Guesser;
  #turn!: ChainSweep;
  #sweep = -1;
  /** First shared site and first position that are not final. */
  #entry = 0;
  #from = 0;
  /** The same for the end of the window under way. */
  #entryTo = 0;
  #to = 0;
  #settleAt = -1;
  /** Up to where owned bits are known. */
  #ownedUpTo = 0;
  #figures = noFigures();

  /**
   * @param w state at a sweep boundary, one byte a weight; kept and changed
   * @param windowRisk a window ends where the expected number of its wrong guesses comes to this
   */
  constructor(
    readonly chain: number,
    readonly w: Uint8Array,
    group: WalkGroup,
    windowRisk: number,
  ) {
    const { model, pairs, members } = group;
    const { features, classes } = model;
    this.#group = group;
    const swaps = { firstSwap: firstSwapSite(model), swaps: pairs.count * classes };
    this.#predictor = new Predictor({ features, classes, ...swaps });
    const parts = { model, w, predictor: this.#predictor, chances: group.chances, log: this.#log };
    this.#guesser = new Guesser({ ...parts, windowRisk });
    this.acceptedQ = new Float64Array(members.length);
  }

  /** The sweep under way, or the last one; -1 before the first. */
  get sweep(): number {
    return this.#sweep;
  }

  /** Takes totals of all flips in the present state, length D K. */
  seeFlips(totalsQ: ArrayLike<number>): void {
    this.#predictor.startFrom(totalsQ, this.w);
  }

  /** @param turn its tables are read until the sweep ends */
  beginSweep(turn: ChainSweep): void {
    assert(this.#sweep < 0 || this.atSweepEnd, 'a sweep began before the last one ended');
    this.#turn = turn;
    this.#sweep = turn.sweep;
    this.#ownedUpTo = -Infinity;
    this.#guesser.beginSweep(turn);
    this.#finalUpTo(0, 0);
  }

  /** Whether every site of the sweep is final. */
  get atSweepEnd(): boolean {
    return this.#from === this.#turn.shared.length;
  }

  /**
   * Guesses the next window; an empty one at the sweep's end. It asks for a report where owned bits have changed and
   * guesses go by them; see `learnOwned`.
   * @param reportAtEnd whether a window that ends the sweep asks for a report, too
   */
  open(reportAtEnd: boolean): WindowJob {
    const { sweep, betaQ, shared } = this.#turn;
    const { position, count, length, swapEntry, swapsFrom } = shared;
    const beforeSwaps = this.#group.hasMixed && this.#from < swapsFrom;
    const stop = beforeSwaps ? swapEntry : count;
    this.#log.clear();
    this.#entryTo = this.#guesser.walk(this.#entry, stop);
    const end = beforeSwaps ? swapsFrom : length;
    this.#to = this.#entryTo < stop ? position[this.#entryTo - 1]! + 1 : end;
    this.#figures.windows++;
    this.#figures.sitesWalked += this.#to - this.#from;
    const settleAt = this.#settleAt;
    this.#settleAt = -1;
    return {
      kind: 'window',
      slot: this.chain,
      chain: this.chain,
      sweep,
      betaQ,
      settleAt,
      from: this.#from,
      to: this.#to,
      guess: this.#log.guessBits(),
      report: this.#to === length ? reportAtEnd : this.#needsOwned(),
    };
  }

  /** Whether owned bits should be known after the window: before the swaps, and some times in them. */
  #needsOwned(): boolean {
    const { length, swapsFrom } = this.#turn.shared;
    if (!this.#group.hasMixed || this.#to < swapsFrom) return false;
    return this.#to - this.#ownedUpTo >= (length - swapsFrom) / (ASKED_IN_SWAPS + 1);
  }

  /** Takes owned bits over after a window that has become final. @param ws each member's bits; only its own ones are read */
  learnOwned(ws: readonly Uint8Array[]): void {
    const { owners, model } = this.#group;
    const { classes } = model;
    for (let j = 0; j < owners.length; j++) {
      const owner = owners[j]!;
      if (owner === SHARED || owner === UNLIT) continue;
      this.w.set(ws[owner - 1]!.subarray(j * classes, (j + 1) * classes), j * classes);
    }
    this.#ownedUpTo = this.#to;
  }

  /**
   * Decides the window by its members' partials; everything up to the first wrong guess is final.
   * @param partialsQ one array a member
   * @returns whether every guess was right
   * @throws WorkerFault when partials can't be an honest member's
   */
  settle(partialsQ: readonly Int32Array[]): boolean {
    const log = this.#log;
    const { kind } = this.#turn.shared;
    let site = 0;
    for (let l = 0; l < log.count; l++) {
      const e = log.entry[l]!;
      if (kind[e] === SiteKind.row) {
        this.#countRow(log.decision[l]!);
        continue;
      }
      const guess = log.decision[l]!;
      const totalQ = this.#totalQ(e, site, partialsQ);
      const taken = totalQ !== CLOSED_Q && totalQ >= log.thresholdQ[l]! ? 1 : 0;
      log.decision[l] = totalQ === CLOSED_Q ? Decision.closed : taken;
      if (taken) for (let m = 0; m < partialsQ.length; m++) this.acceptedQ[m]! += partialsQ[m]![site]!;
      this.#decided(l, e, totalQ, taken !== guess);
      if (taken !== guess) {
        this.#takeBack(l, site, partialsQ, totalQ);
        return false;
      }
      site++;
    }
    this.#checkLengths(site, partialsQ);
    this.#seeOwnedBits(log.count);
    this.#finalUpTo(this.#entryTo, this.#to);
    return true;
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

  /** Sum of the members' partials at a shared site, or CLOSED_Q. */
  #totalQ(e: number, site: number, partialsQ: readonly Int32Array[]): number {
    let totalQ = 0;
    for (let m = 0; m < partialsQ.length; m++) {
      const partialQ = partialsQ[m]![site];
      if (partialQ === undefined) throw this.#fault(m, 'fewer partials than shared sites');
      if (partialQ === CLOSED_Q) return this.#closed(e, m);
      totalQ += partialQ;
    }
    return totalQ;
  }

  /** Only the owner of a mixed swap's other feature may find it closed. */
  #closed(e: number, member: number): number {
    const { owners, model } = this.#group;
    const { kind, other } = this.#turn.shared;
    const owner = owners[(other[e]! / model.classes) | 0]!;
    if (kind[e] !== SiteKind.mixed || owner !== member + 1)
      throw this.#fault(member, "closed another's swap");
    return CLOSED_Q;
  }

  #fault(member: number, reason: string): WorkerFault {
    const worker = this.#group.members[member]!;
    return new WorkerFault([worker], `chain ${this.chain}, sweep ${this.#sweep}: ${reason}`);
  }

  #checkLengths(sites: number, partialsQ: readonly Int32Array[]): void {
    partialsQ.forEach((partials, m) => {
      if (partials.length !== sites) throw this.#fault(m, `${partials.length} partials for ${sites} sites`);
    });
  }

  /** Counts a final decision and learns from it. */
  #decided(l: number, e: number, totalQ: number, wrong: boolean): void {
    const { counts } = this;
    const taken = this.#log.decision[l] === Decision.taken ? 1 : 0;
    this.#group.chances.learn(this.#log.guessClass[l]!, taken);
    this.#see(l, e, totalQ, true);
    if (this.#turn.shared.kind[e] === SiteKind.flip) {
      counts.flipsProposed++;
      counts.flipsAccepted += taken;
      if (wrong) this.#figures.wrongFlips++;
    } else {
      if (totalQ !== CLOSED_Q) counts.swapsProposed++;
      counts.swapsAccepted += taken;
      if (wrong) this.#figures.wrongSwaps++;
      if (taken) this.#takeSwap(l, e, totalQ);
    }
  }

  #countRow(taken: number): void {
    this.counts.rowsProposed++;
    this.counts.rowsAccepted += taken;
  }

  #see(l: number, e: number, totalQ: number, isFinal: boolean): void {
    if (totalQ === CLOSED_Q) return;
    const { kind, site } = this.#turn.shared;
    const bit = this.#log.bit[l]!;
    if (kind[e] !== SiteKind.flip) this.#predictor.seeSwap(site[e]!, this.#sweep, bit, totalQ, isFinal);
    else this.#predictor.seeFlip(site[e]!, this.#sweep, bit, this.#log.others[l]!, totalQ);
  }

  #takeSwap(l: number, e: number, totalQ: number): void {
    const { site, weight, other } = this.#turn.shared;
    const bit = this.#log.bit[l]!;
    const from = bit ? weight[e]! : other[e]!;
    const to = bit ? other[e]! : weight[e]!;
    this.#predictor.takeSwap(site[e]!, bit, from, to, totalQ);
  }

  /** The guess of log line `wrong` was wrong: learns from the totals after it, undoes them, decides it the other way. */
  #takeBack(wrong: number, site: number, partialsQ: readonly Int32Array[], totalQ: number): void {
    const log = this.#log;
    const { shared } = this.#turn;
    const { classes } = this.#group.model;
    const near = Math.abs(totalQ) <= NEAR_Q;
    if (near && partialsQ.every((partials) => partials.length === log.shared)) {
      this.#seeUndone(wrong + 1, site + 1, partialsQ);
    }
    for (let l = log.count - 1; l > wrong; l--) {
      if (log.decision[l]) toggle(this.w, shared, log.entry[l]!, classes);
    }
    const e = log.entry[wrong]!;
    toggle(this.w, shared, e, classes);
    this.#seeOwnedBits(wrong + 1);
    this.#settleAt = shared.position[e]!;
    this.#finalUpTo(e + 1, this.#settleAt + 1);
  }

  /** Totals after a wrong guess were computed one small decision off the chain's path: near enough for the next guess. */
  #seeUndone(from: number, site: number, partialsQ: readonly Int32Array[]): void {
    const log = this.#log;
    const { kind } = this.#turn.shared;
    for (let l = from; l < log.count; l++) {
      const e = log.entry[l]!;
      if (kind[e] === SiteKind.row) continue;
      this.#see(l, e, sumAt(partialsQ, site), false);
      site++;
    }
  }

  /** Final mixed swaps tell the owned bit. */
  #seeOwnedBits(lines: number): void {
    if (!this.#group.hasMixed) return;
    const log = this.#log;
    const { kind, other } = this.#turn.shared;
    for (let l = 0; l < lines; l++) {
      const e = log.entry[l]!;
      if (kind[e] !== SiteKind.mixed) continue;
      this.w[other[e]!] = log.decision[l] === Decision.refused ? 1 - log.bit[l]! : log.bit[l]!;
    }
  }

  #finalUpTo(entry: number, position: number): void {
    this.#entry = entry;
    this.#from = position;
  }
}
