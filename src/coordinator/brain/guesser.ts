/**
 * Walks a chain's shared sites ahead of what is known: guesses decision after decision, carries them out in the
 * coordinator's copy of the bits and logs them, until enough risk has come together for a window.
 */
import type { Model } from '../../posterior/model.js';
import { BETA_ONE_Q, thresholdFromNeedQ } from '../../posterior/threshold.js';
import { isRowOpen, priorChangeOfRow } from '../../sampler/moves.js';
import { GuessKind, type Chances } from './chances.js';
import type { Predictor } from './predictor.js';
import { SiteKind, toggle, type SharedSweep } from './shared-sites.js';
import type { WindowLog } from './window-log.js';

/** A sweep of one chain. */
export interface ChainSweep {
  readonly sweep: number;
  readonly betaQ: number;
  readonly shared: SharedSweep;
  /** 4096 logit(u) by position in the sweep's plan. */
  readonly needQ: Float64Array;
}

export interface GuesserParts {
  readonly model: Model;
  /** The coordinator's copy of the chain's bits. */
  readonly w: Uint8Array;
  readonly predictor: Predictor;
  readonly chances: Chances;
  readonly log: WindowLog;
  /** A window ends where the risks of its guesses add up to this. */
  readonly windowRisk: number;
}

export class Guesser {
  readonly #parts: GuesserParts;
  readonly #w: Uint8Array;
  #turn!: ChainSweep;

  constructor(parts: GuesserParts) {
    this.#parts = parts;
    this.#w = parts.w;
  }

  beginSweep(turn: ChainSweep): void {
    this.#turn = turn;
  }

  /**
   * Guesses from an entry on. A window ends with a feature or a pair: members sum its rows for all classes at once.
   * @param stop entry that the window must not reach beyond
   * @returns the first entry after the window
   */
  walk(entry: number, stop: number): number {
    const { kind, weight, other, isLast } = this.#turn.shared;
    const { windowRisk } = this.#parts;
    const w = this.#w;
    let risk = 0;
    let e = entry;
    for (; e < stop && (risk < windowRisk || !isLast[e - 1]); e++) {
      const k = kind[e]!;
      if (k === SiteKind.swap) {
        // Equal bits: the members take it for no site either.
        if (w[weight[e]!] !== w[other[e]!]) risk += this.#guessSwap(e, k);
      } else if (k === SiteKind.flip) risk += this.#guessFlip(e);
      else if (k === SiteKind.mixed) risk += this.#guessSwap(e, k);
      else if (k === SiteKind.row) this.#walkRow(e);
      else this.#drawFromPrior(e);
    }
    return e;
  }

  #thresholdQ(e: number, priorChangeQ: number): number {
    const { needQ, shared, betaQ } = this.#turn;
    return thresholdFromNeedQ(needQ[shared.position[e]!]! - priorChangeQ, betaQ);
  }

  /** The same each time it is walked, so it never has to be taken back. */
  #drawFromPrior(e: number): void {
    const { needQ, shared } = this.#turn;
    const i = shared.weight[e]!;
    const priorQ = this.#parts.model.priorQ[i]!;
    this.#w[i] = thresholdFromNeedQ(needQ[shared.position[e]!]! - priorQ, BETA_ONE_Q) <= 0 ? 1 : 0;
  }

  /** The row of a SHARED feature moves by the prior alone: every member knows the decision. */
  #walkRow(e: number): void {
    const { model, log } = this.#parts;
    const { shared } = this.#turn;
    const j = shared.weight[e]! / model.classes;
    if (!isRowOpen(model, this.#w, j)) return;
    const taken = 0 >= this.#thresholdQ(e, priorChangeOfRow(model, this.#w, j)) ? 1 : 0;
    log.pushRow(e, taken);
    if (taken) toggle(this.#w, shared, e, model.classes);
  }

  #guessFlip(e: number): number {
    const { model, predictor, chances, log } = this.#parts;
    const { shared, sweep } = this.#turn;
    const i = shared.weight[e]!;
    const bit = this.#w[i]!;
    const priorQ = model.priorQ[i]!;
    const thresholdQ = this.#thresholdQ(e, bit ? -priorQ : priorQ);
    const others = predictor.others(this.#w, i);
    const kind = predictor.isFreshFlip(i, sweep) ? GuessKind.freshFlip : GuessKind.flip;
    const guessClass = chances.classOf(kind, predictor.flipQ(i, bit, others) - thresholdQ);
    const guess = chances.guess(guessClass);
    log.pushFlip(e, bit, others, guess, thresholdQ, guessClass);
    this.#w[i] = bit ^ guess;
    return chances.risk(guessClass);
  }

  /** A swap whose bits differ, or a mixed one: that is a site even where the bits seem to be equal. */
  #guessSwap(e: number, kind: number): number {
    const { model, predictor, chances, log } = this.#parts;
    const { shared, sweep } = this.#turn;
    const i = shared.weight[e]!;
    const i2 = shared.other[e]!;
    const bit = this.#w[i]!;
    const open = bit !== this.#w[i2];
    const changeQ = model.priorQ[i2]! - model.priorQ[i]!;
    const thresholdQ = this.#thresholdQ(e, bit ? changeQ : -changeQ);
    const site = shared.site[e]!;
    const guessKind = open ? this.#kindOfSwap(site, kind, bit) : GuessKind.closedMixed;
    const distanceQ = predictor.swapQ(site, sweep, bit, i, i2, this.#w) - thresholdQ;
    const guessClass = chances.classOf(guessKind, distanceQ);
    const guess = chances.guess(guessClass);
    log.pushShared(e, bit, guess, thresholdQ, guessClass);
    if (guess) toggle(this.#w, shared, e, model.classes);
    return chances.risk(guessClass);
  }

  #kindOfSwap(site: number, kind: number, bit: number): GuessKind {
    const { predictor } = this.#parts;
    const fresh = predictor.isFreshSwap(site, this.#turn.sweep, bit);
    if (kind === SiteKind.mixed) return fresh ? GuessKind.freshMixed : GuessKind.mixed;
    if (!predictor.hasSwap(site, bit)) return GuessKind.sumSwap;
    return fresh ? GuessKind.freshSwap : GuessKind.swap;
  }
}
