/** Walks sites: whole sweeps that are decided here, and windows of guessed decisions. */
import { LOG_CLOSED, LOG_OWN, LOG_TAKEN, SUM_BYTES, THREAD_GUESS, THREAD_PARTIALS } from '../layout';
import { bindModel, bindSlot, bindThread, classes, features, firstClass, self, sums, thread } from './context';
import { aimAt, bindBlock, blockSumsOf } from './block';
import { beginCoarse, endCoarse, needExactPair, sumCoarsePair } from './coarse';
import { OF_FEATURE, OF_PAIR, sumList } from './lists';
import { countOwn, log, settle, startLog } from './log';
import {
  firstOf,
  firstRowSite,
  firstSwapSite,
  flip,
  flipDeltaQ,
  flipRow,
  isAlone,
  leavesFirst,
  ownerOf,
  priorAt,
  rowIsOpen,
  secondOf,
  SHARED,
  swap,
  swapBoundQ,
  swapDeltaQ,
  UNLIT,
  weightAt,
} from './moves';
import { blockStartsOf, planOf } from './plan';
import { NO_SUMS } from './steps';
import { acceptBits, BETA_ONE_Q, isTaken } from './stream';
import { beginChanges, endChanges, sumBlock } from './tiled';

const CLOSED_Q: i32 = i32.MIN_VALUE;

// Of the walk under way.
let chain: i32 = 0;
let sweep: i32 = 0;
let betaQ: i32 = 0;
/** Whether every move is decided here and no log is kept. */
let solo: bool = false;
let position: i32 = 0;
let partials: usize = 0;
let guess: usize = 0;
let shared: i32 = 0;
/** Whose sums are current: the first site of a feature or pair, -1 when nobody's are. */
let summed: i32 = -1;

/** Whether a move with this change of the log prior and this delta is taken. */
@inline
function isTakenAt(site: i32, priorQ: i32, deltaQ: i32): bool {
  return isTaken(acceptBits(site, sweep, chain), priorQ, betaQ, deltaQ);
}

/** Ends a move that was decided here. */
@inline
function decided(site: i32, taken: bool, deltaQ: i32): void {
  countOwn(site, taken, deltaQ, 1);
  if (!solo) log(position, site, taken ? LOG_OWN | LOG_TAKEN : LOG_OWN, deltaQ);
}

/** The next guess, for which `deltaQ` is the partial. */
@inline
function guessed(deltaQ: i32): bool {
  store<i32>(partials + (<usize>shared << 2), deltaQ);
  const byte: i32 = load<u8>(guess + (<usize>shared >> 3));
  const bit = (byte >> (shared & 7)) & 1;
  shared++;
  return bit != 0;
}

/** Draws a weight whose feature is lit in no row from its prior. */
function visitPrior(site: i32): void {
  const w: u8 = isTaken(acceptBits(site, sweep, chain), priorAt(site), <i32>BETA_ONE_Q, 0) ? 1 : 0;
  if (load<u8>(weightAt(site)) == w) return;
  store<u8>(weightAt(site), w);
  if (!solo) log(position, site, LOG_TAKEN, 0);
}

function visitFlip(site: i32): void {
  const j = site / classes;
  const k = site - j * classes;
  const owner = ownerOf(j);
  if (owner == UNLIT) return visitPrior(site);
  if (!solo && owner != SHARED && owner != self) return;
  const sum = sumsOfFeature(j);
  const deltaQ = flipDeltaQ(site, k, sum);
  if (!solo && owner == SHARED) {
    if (!guessed(deltaQ)) return;
    log(position, site, LOG_TAKEN, 0);
  } else {
    const priorQ = priorAt(site);
    const taken = isTakenAt(site, load<u8>(weightAt(site)) ? -priorQ : priorQ, deltaQ);
    decided(site, taken, deltaQ);
    if (!taken) return;
  }
  aimAt(position, j);
  flip(site, sum == sums ? sums : NO_SUMS);
}

/** Current sums of feature j: the block's, or the kernel's own. */
function sumsOfFeature(j: i32): usize {
  const ofBlock = blockSumsOf(j);
  if (ofBlock) return ofBlock;
  if (summed != j * classes) {
    sumList(OF_FEATURE, j, sums);
    summed = j * classes;
  }
  return sums;
}

/** Makes the sums of a pair's two lists current. @param start the pair's first site */
function sumPair(pair: i32, start: i32): void {
  if (summed == start) return;
  sumList(OF_PAIR, 2 * pair, sums);
  sumList(OF_PAIR, 2 * pair + 1, sums + SUM_BYTES);
  summed = start;
}

function visitRow(site: i32): void {
  const j = site - firstRowSite();
  const owner = ownerOf(j);
  if ((!solo && owner != SHARED && owner != self) || !rowIsOpen(j)) return;
  let priorQ = 0;
  for (let k = firstClass; k < classes; k++) priorQ += priorAt(j * classes + k);
  const taken = isTakenAt(site, load<u8>(weightAt(j * classes)) ? -priorQ : priorQ, 0);
  if (solo || owner == self) decided(site, taken, 0);
  else if (taken) log(position, site, LOG_TAKEN, 0);
  if (taken) flipRow(j);
}

/** Decides a swap here: most are refused by the bound of coarse sums. */
function decideSwap(pair: i32, site: i32, k: i32, fromFirst: bool): bool {
  const first = firstOf(pair);
  const second = secondOf(pair);
  const start = site - k;
  const prior = priorAt(second * classes + k) - priorAt(first * classes + k);
  const priorQ = fromFirst ? prior : -prior;
  const bits = acceptBits(site, sweep, chain);
  if (summed != start && sumCoarsePair(pair)) {
    if (!isTaken(bits, priorQ, betaQ, swapBoundQ(first, second, k, fromFirst))) {
      decided(site, false, 0);
      return false;
    }
    needExactPair(pair);
  }
  sumPair(pair, start);
  const deltaQ = swapDeltaQ(first, second, k, fromFirst);
  const taken = isTaken(bits, priorQ, betaQ, deltaQ);
  decided(site, taken, deltaQ);
  return taken;
}

function visitSwap(site: i32): void {
  const pair = (site - firstSwapSite()) / classes;
  const start = firstSwapSite() + pair * classes;
  const k = site - start;
  const first = firstOf(pair);
  const second = secondOf(pair);
  const one = ownerOf(first);
  const two = ownerOf(second);
  const asked = !solo && (one != two || one == SHARED);
  if (!solo && !asked && one != self) return;
  const bothKnown = solo || ((one == SHARED || one == self) && (two == SHARED || two == self));
  if (bothKnown && load<u8>(weightAt(first * classes + k)) == load<u8>(weightAt(second * classes + k))) {
    if (!asked || one == two) return;
    guessed(CLOSED_Q);
    return log(position, site, LOG_CLOSED, 0);
  }
  const fromFirst = leavesFirst(pair, k);
  if (asked) {
    sumPair(pair, start);
    if (!guessed(swapDeltaQ(first, second, k, fromFirst))) return;
    log(position, site, LOG_TAKEN, 0);
  } else if (!decideSwap(pair, site, k, fromFirst)) {
    return;
  }
  swap(pair, k, fromFirst, sums);
}

/** Visits positions `from` .. `to - 1` of the sweep's plan, block by block, and then the swaps. */
function visit(from: i32, to: i32): void {
  const starts = blockStartsOf(sweep);
  const blocks = (features + 63) >> 6;
  let at = from;
  for (let b = 0; b < blocks && at < to; b++) {
    const begin = load<i32>(starts + (<usize>b << 2));
    const end = load<i32>(starts + (<usize>b << 2), 4);
    if (end <= at) continue;
    if (begin == at && end <= to) visitBlock(begin, end);
    else visitStretch(at, min(end, to));
    at = min(end, to);
  }
  if (at < to) visitSwaps(at, to);
}

function visitSwaps(from: i32, to: i32): void {
  if (isAlone()) beginCoarse(to - from);
  visitStretch(from, to);
  endCoarse();
}

/** Visits all of a block. */
function visitBlock(from: i32, to: i32): void {
  const block = (load<i32>(planOf(sweep) + (<usize>from << 2)) / classes) >> 6;
  beginChanges();
  sumBlock(sweep, block, from, to);
  visitStretch(from, to);
  endChanges(block);
}

/** Visits positions that lie before the end of a block that is kept current. */
function visitStretch(from: i32, to: i32): void {
  const sites = planOf(sweep);
  const rowSites = firstRowSite();
  const swapSites = firstSwapSite();
  summed = -1;
  bindBlock(sweep, from);
  for (position = from; position < to; position++) {
    const site = load<i32>(sites + (<usize>position << 2));
    if (site < rowSites) visitFlip(site);
    else if (site < swapSites) visitRow(site);
    else visitSwap(site);
  }
}

@inline
function begin(modelAt: usize, threadAt: usize, slotAt: usize, alone: bool): void {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  solo = alone;
}

/** Positions `from` .. `to - 1` of a sweep, all decided here. */
export function walkSolo(
  modelAt: usize,
  threadAt: usize,
  slotAt: usize,
  ofChain: i32,
  ofSweep: i32,
  beta: i32,
  from: i32,
  to: i32,
): void {
  begin(modelAt, threadAt, slotAt, true);
  chain = ofChain;
  sweep = ofSweep;
  betaQ = beta;
  startLog(sweep, 0, 0);
  visit(from, to);
}

/**
 * Settles the slot's last window (settleAt >= 0) and opens the next one.
 * @returns whether settleAt lies in the last window
 */
export function openWindow(
  modelAt: usize,
  threadAt: usize,
  slotAt: usize,
  ofSweep: i32,
  settleAt: i32,
  from: i32,
  to: i32,
): bool {
  begin(modelAt, threadAt, slotAt, false);
  if (settleAt >= 0 && !settle(settleAt)) return false;
  startLog(ofSweep, from, to);
  return true;
}

/**
 * Walks positions `from` .. `to - 1` of the open window, after those before them.
 * @param before shared sites of the window so far
 * @returns shared sites now; the partials of the new ones lie in the thread's scratch, each at its number
 */
export function walkWindow(
  modelAt: usize,
  threadAt: usize,
  slotAt: usize,
  ofChain: i32,
  ofSweep: i32,
  beta: i32,
  from: i32,
  to: i32,
  before: i32,
): i32 {
  begin(modelAt, threadAt, slotAt, false);
  chain = ofChain;
  sweep = ofSweep;
  betaQ = beta;
  partials = load<u32>(thread, THREAD_PARTIALS);
  guess = load<u32>(thread, THREAD_GUESS);
  shared = before;
  visit(from, to);
  return shared;
}
