/**
 * The walk protocol in miniature: several kernels hold a chain's shards, walk the same guessed windows, and their partials
 * are added up and decided in order. What the coordinator does, without workers, batches or messages.
 */
import type { ChainRule, FlipKernel, SlotReport, WindowJob, WindowResult } from '../../src/kernel/kernel.js';
import { litFeatures, type Rows } from '../../src/posterior/rows.js';
import { randomStart } from '../../src/posterior/weights.js';
import {
  acceptBits,
  acceptThresholdQ,
  applyMove,
  countMove,
  drawFromPrior,
  isOpen,
  moveAt,
  noCounts,
  priorChange,
  sumOfCounts,
  type MoveCounts,
  type Move,
  type Proposal,
  type Turn,
} from '../../src/sampler/moves.js';
import { CLOSED_Q, featureOwners, SHARED, UNLIT } from '../../src/sampler/owners.js';
import { neighbourPairs, planSweep } from '../../src/sampler/sites.js';

/** A chain as its members hold it. */
export interface GroupState {
  readonly w: Uint8Array;
  readonly logLikQ: number;
  readonly counts: MoveCounts;
  readonly wrongGuesses: number;
  readonly closedSwaps: number;
}

export interface WalkGroup {
  readonly rule: ChainRule;
  readonly chain: number;
  /** One kernel a member. */
  readonly kernels: readonly FlipKernel[];
  /** Shards of each member, numbered on over the members. */
  readonly shards: readonly (readonly Rows[])[];
}

/** Uniform numbers in [0, 1): the lengths of windows and the guesses. */
export type Whim = () => number;

type Window = Omit<WindowJob, 'kind' | 'slot' | 'chain' | 'settleAt'>;

const SLOT = 3;
const LONGEST_WINDOW = 16;

/** Walks one chain sweep by sweep over a group of members. */
export class GroupWalk {
  readonly owners: Uint8Array;
  readonly #pairs;
  readonly #starts: readonly SlotReport[];
  /** The coordinator's copy of the bits: right for SHARED and UNLIT features, others come with reports. */
  readonly #w: Uint8Array;
  readonly #sharedSumQ: number[];
  readonly #counts = noCounts();
  #last = { sweep: 0, end: 0 };
  #settleAt = -1;
  #wrongGuesses = 0;
  #closedSwaps = 0;

  constructor(
    readonly group: WalkGroup,
    readonly whim: Whim,
  ) {
    const { model, seed } = group.rule;
    this.#pairs = neighbourPairs(model);
    const lit = group.shards.map((member) => litOf(member, model.features));
    this.owners = featureOwners(lit, model.features, this.#pairs);
    this.#w = randomStart(model, seed, group.chain);
    this.#sharedSumQ = group.kernels.map(() => 0);
    let number = 0;
    this.#starts = group.kernels.map((kernel, member) => {
      const shards = group.shards[member]!.map((rows) => {
        kernel.addShard(number, rows);
        return number++;
      });
      return kernel.attach({ slot: SLOT, shards, owners: this.owners, self: member + 1 }, this.#w);
    });
  }

  /** Walks a whole sweep in windows of random lengths and random guesses. */
  sweep(sweep: number, betaQ: number): void {
    const { model, moves, seed } = this.group.rule;
    const { sites } = planSweep(model, this.#pairs, moves, seed, sweep);
    this.#last = { sweep, end: sites.length };
    let from = 0;
    while (from < sites.length) {
      const to = Math.min(sites.length, from + 1 + Math.floor(this.whim() * LONGEST_WINDOW));
      const guess = Uint8Array.from({ length: LONGEST_WINDOW / 8 }, () => Math.floor(this.whim() * 256));
      const window = { sweep, betaQ, from, to, guess, report: false };
      from = this.#decide(sites, window, this.#ask(window));
    }
  }

  /** Settles what is open and reads the state at the end of a sweep; checks each member's exact audit. */
  state(): GroupState {
    const { sweep, end } = this.#last;
    const window = { sweep, betaQ: 1, from: end, to: end, guess: new Uint8Array(0), report: true };
    const reports = this.#ask(window).map((result) => result.report!);
    reports.forEach((report, member) => {
      const changeQ = report.logLikQ - this.#starts[member]!.logLikQ;
      const acceptedQ = report.ownAcceptedSumQ + this.#sharedSumQ[member]!;
      if (changeQ !== acceptedQ) throw new Error(`member ${member}: ${changeQ} is not ${acceptedQ}`);
    });
    return {
      w: this.#merged(reports),
      logLikQ: reports.reduce((sum, report) => sum + report.logLikQ, 0),
      counts: reports.reduce((sum, report) => sumOfCounts(sum, report.counts), this.#counts),
      wrongGuesses: this.#wrongGuesses,
      closedSwaps: this.#closedSwaps,
    };
  }

  /** Rows of all members that are not as recomputed. */
  staleRows(): number {
    return this.group.kernels.reduce((sum, kernel) => sum + kernel.audit(SLOT), 0);
  }

  /** Each member's partial flip deltas. */
  flipDeltasQ(): Int32Array[] {
    return this.group.kernels.map((kernel) => kernel.flipDeltasQ(SLOT));
  }

  #ask(window: Window): WindowResult[] {
    const job = {
      kind: 'window',
      slot: SLOT,
      chain: this.group.chain,
      settleAt: this.#settleAt,
      ...window,
    } as const;
    this.#settleAt = -1;
    return this.group.kernels.map((kernel) => {
      const [result] = kernel.walk([job]);
      if (result?.kind !== 'window') throw new Error('a window job gave no window result');
      return result;
    });
  }

  /** Decides a window's sites in order; the position after the last one that is final. */
  #decide(sites: Int32Array, window: Window, results: readonly WindowResult[]): number {
    const { rule, chain } = this.group;
    let bit = 0;
    for (let position = window.from; position < window.to; position++) {
      const turn = { seed: rule.seed, chain, sweep: window.sweep, site: sites[position]! };
      const move = moveAt(turn.site, rule.model, this.#pairs);
      if (move.kind === 'prior' || !this.#isShared(move)) {
        this.#decideKnown(move, turn, window.betaQ);
        continue;
      }
      const partialsQ = results.map((result) => result.partialsQ[bit]!);
      const guessed = ((window.guess[bit >> 3]! >> (bit & 7)) & 1) === 1;
      bit++;
      if (this.#decideShared(move, turn, window.betaQ, partialsQ) === guessed) continue;
      this.#wrongGuesses++;
      this.#settleAt = position;
      return position + 1;
    }
    if (results.some((result) => result.partialsQ.length !== bit))
      throw new Error('members disagree on what is shared');
    return window.to;
  }

  /** Draws from the prior and rows of shared features; the rest is decided by its owner or has nothing to decide. */
  #decideKnown(move: Move, turn: Turn, betaQ: number): void {
    const { model } = this.group.rule;
    if (move.kind === 'prior') {
      const i = move.j * model.classes + move.k;
      this.#w[i] = drawFromPrior(acceptBits(turn), model.priorQ[i]!);
    } else if (move.kind === 'row' && this.owners[move.j] === SHARED && isOpen(model, this.#w, move)) {
      this.#take(move, 0 >= acceptThresholdQ(turn, priorChange(model, this.#w, move), betaQ));
    }
  }

  #decideShared(move: Proposal, turn: Turn, betaQ: number, partialsQ: readonly number[]): boolean {
    if (partialsQ.includes(CLOSED_Q)) {
      this.#closedSwaps++;
      return false;
    }
    this.#assumeOpen(move);
    const totalQ = partialsQ.reduce((sum, partialQ) => sum + partialQ, 0);
    const taken = totalQ >= acceptThresholdQ(turn, priorChange(this.group.rule.model, this.#w, move), betaQ);
    this.#take(move, taken);
    if (taken) partialsQ.forEach((partialQ, member) => (this.#sharedSumQ[member]! += partialQ));
    return taken;
  }

  #isShared(move: Proposal): boolean {
    const owner = this.owners[move.j]!;
    if (move.kind === 'row') return false;
    if (move.kind === 'flip') return owner === SHARED;
    if (owner !== this.owners[move.j2]) return true;
    return owner === SHARED && isOpen(this.group.rule.model, this.#w, move);
  }

  /** An open swap tells the coordinator the owned bit: it is not the shared one. */
  #assumeOpen(move: Proposal): void {
    if (move.kind !== 'swap') return;
    const { classes } = this.group.rule.model;
    const [i, i2] = [move.j * classes + move.k, move.j2 * classes + move.k];
    if (this.owners[move.j] !== SHARED) this.#w[i] = 1 - this.#w[i2]!;
    else if (this.owners[move.j2] !== SHARED) this.#w[i2] = 1 - this.#w[i]!;
  }

  #take(move: Proposal, taken: boolean): void {
    countMove(this.#counts, move.kind, taken);
    if (taken) applyMove(this.group.rule.model, this.#w, move);
  }

  #merged(reports: readonly SlotReport[]): Uint8Array {
    const { classes } = this.group.rule.model;
    return this.#w.map((bit, i) => {
      const owner = this.owners[Math.floor(i / classes)]!;
      return owner === SHARED || owner === UNLIT ? bit : reports[owner - 1]!.w[i]!;
    });
  }
}

function litOf(shards: readonly Rows[], features: number): Uint8Array {
  const lit = new Uint8Array(features);
  for (const rows of shards) litFeatures(rows).forEach((bit, j) => (lit[j]! |= bit));
  return lit;
}
