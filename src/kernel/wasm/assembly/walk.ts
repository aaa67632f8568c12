/** Walks sites: whole sweeps that are decided here, and windows of guessed decisions. */
import {
  LOG_BYTES,
  LOG_CLOSED,
  LOG_DELTA,
  LOG_FLAGS,
  LOG_OWN,
  LOG_POSITION,
  LOG_SITE,
  LOG_TAKEN,
  SHARD_COUNTS,
  SLOT_COUNTS,
  SLOT_LOG,
  SLOT_LOG_LENGTH,
  SLOT_OWN_SUM,
  SLOT_WINDOW_FROM,
  SLOT_WINDOW_SWEEP,
  SLOT_WINDOW_TO,
  SUM_BYTES,
  THREAD_GUESS,
  THREAD_PARTIALS,
} from '../layout';
import {
  bindModel,
  bindSlot,
  bindThread,
  classes,
  features,
  firstClass,
  sums,
  owners,
  pairFirst,
  pairSecond,
  prior,
  segments,
  self,
  slot,
  thread,
  weights,
} from './context';
import { bindBlock, blockSumsOf, dropFeature } from './block';
import { OF_FEATURE, OF_PAIR, shardOf, sumList } from './lists';
import { planOf } from './plan';
import { NO_SUMS, stepAllClasses, stepList } from './steps';
import { acceptBits, thresholdQ } from './stream';

const UNLIT: i32 = 0;
const SHARED: i32 = 255;
const CLOSED_Q: i32 = i32.MIN_VALUE;

const FLIPS: usize = 0;
const ROWS: usize = 16;
const SWAPS: usize = 32;

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
/** The feature visited last whose sums the block keeps, or -1. */
let inBlock: i32 = -1;

@inline
function weightAt(i: i32): usize {
  return weights + <usize>i;
}

@inline
function priorAt(i: i32): i32 {
  return load<i32>(prior + (<usize>i << 2));
}

@inline
function laneOf(sum: usize, lane: i32): i32 {
  return load<i32>(sum + (<usize>lane << 2));
}

/** Weighted lit rows of class k, over all segments. */
function litCount(i: i32): i32 {
  let count = 0;
  for (let s = 0; s < segments; s++) {
    count += load<i32>(<usize>load<u32>(shardOf(s), SHARD_COUNTS) + (<usize>i << 2));
  }
  return count;
}

/** Partial delta of flipping weight i = j K + k, from the sums of feature j's list. */
@inline
export function flipDeltaQ(i: i32, k: i32, sum: usize): i32 {
  const count = litCount(i) << 12;
  return load<u8>(weightAt(i)) ? laneOf(sum, classes + k) - count : count - laneOf(sum, k);
}

@inline
function thresholdAt(site: i32, priorQ: i32): i32 {
  return thresholdQ(acceptBits(site, sweep, chain), priorQ, betaQ);
}

function log(site: i32, flags: i32, deltaQ: i32): void {
  const length = load<i32>(slot, SLOT_LOG_LENGTH);
  const entry = <usize>load<u32>(slot, SLOT_LOG) + <usize>length * LOG_BYTES;
  store<i32>(entry, position, LOG_POSITION);
  store<i32>(entry, site, LOG_SITE);
  store<i32>(entry, flags, LOG_FLAGS);
  store<i32>(entry, deltaQ, LOG_DELTA);
  store<i32>(slot, length + 1, SLOT_LOG_LENGTH);
}

@inline
function countOwn(kind: usize, taken: bool, deltaQ: i32, sign: f64): void {
  const at = slot + SLOT_COUNTS + kind;
  store<f64>(at, load<f64>(at) + sign);
  if (!taken) return;
  store<f64>(at, load<f64>(at, 8) + sign, 8);
  store<f64>(slot, load<f64>(slot, SLOT_OWN_SUM) + sign * <f64>deltaQ, SLOT_OWN_SUM);
}

/** Ends a move that was decided here. */
@inline
function decided(site: i32, kind: usize, taken: bool, deltaQ: i32): void {
  countOwn(kind, taken, deltaQ, 1);
  if (!solo) log(site, taken ? LOG_OWN | LOG_TAKEN : LOG_OWN, deltaQ);
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

/** Flips weight i = j K + k. @param live sums of feature j to keep current, unless the block does */
function flip(i: i32, live: usize): void {
  const w = load<u8>(weightAt(i));
  store<u8>(weightAt(i), w ^ 1);
  stepList(OF_FEATURE, i / classes, i % classes, w ? -1 : 1, live);
}

/** Flips all K bits of feature j, which are equal. */
function flipRow(j: i32): void {
  const start = weightAt(j * classes);
  const step = load<u8>(start) ? -1 : 1;
  for (let k = 0; k < classes; k++) store<u8>(start + k, load<u8>(start + k) ^ 1);
  stepAllClasses(j, step);
}

/**
 * Moves class k's bit of a pair to the other feature.
 * @param fromFirst whether it leaves the first
 * @param live sums of the pair's two lists to keep current, or NO_SUMS
 */
function swap(pair: i32, k: i32, fromFirst: bool, live: usize): void {
  const first = load<i32>(pairFirst + (<usize>pair << 2));
  const second = load<i32>(pairSecond + (<usize>pair << 2));
  store<u8>(weightAt(first * classes + k), fromFirst ? 0 : 1);
  store<u8>(weightAt(second * classes + k), fromFirst ? 1 : 0);
  stepList(OF_PAIR, 2 * pair, k, fromFirst ? -1 : 1, live);
  stepList(OF_PAIR, 2 * pair + 1, k, fromFirst ? 1 : -1, live == NO_SUMS ? NO_SUMS : live + SUM_BYTES);
}

/** Carries a logged move out once more, which undoes it, or one that was refused. */
function toggle(site: i32): void {
  const rowSites = features * classes;
  const swapSites = rowSites + features;
  if (site >= swapSites) {
    const pair = (site - swapSites) / classes;
    const k = (site - swapSites) % classes;
    swap(pair, k, leavesFirst(pair, k), NO_SUMS);
  } else if (site >= rowSites) {
    flipRow(site - rowSites);
  } else {
    flip(site, NO_SUMS);
  }
}

/** Whether class k's bit lies with the first feature: only bits of SHARED and own features are known. */
@inline
function leavesFirst(pair: i32, k: i32): bool {
  const first = load<i32>(pairFirst + (<usize>pair << 2));
  const second = load<i32>(pairSecond + (<usize>pair << 2));
  const owner: i32 = load<u8>(owners + first);
  if (solo || owner == SHARED || owner == self) return load<u8>(weightAt(first * classes + k)) != 0;
  return load<u8>(weightAt(second * classes + k)) == 0;
}

/** Draws a weight whose feature is lit in no row from its prior. */
function visitPrior(site: i32): void {
  const w: u8 = thresholdQ(acceptBits(site, sweep, chain), priorAt(site), 65536) <= 0 ? 1 : 0;
  if (load<u8>(weightAt(site)) == w) return;
  store<u8>(weightAt(site), w);
  if (!solo) log(site, LOG_TAKEN, 0);
}

function visitFlip(site: i32): void {
  const j = site / classes;
  const k = site - j * classes;
  const owner: i32 = load<u8>(owners + j);
  if (owner == UNLIT) return visitPrior(site);
  if (!solo && owner != SHARED && owner != self) return;
  const sum = sumsOfFeature(j);
  const deltaQ = flipDeltaQ(site, k, sum);
  if (!solo && owner == SHARED) {
    if (!guessed(deltaQ)) return;
    log(site, LOG_TAKEN, 0);
  } else {
    const priorQ = priorAt(site);
    const taken = deltaQ >= thresholdAt(site, load<u8>(weightAt(site)) ? -priorQ : priorQ);
    decided(site, FLIPS, taken, deltaQ);
    if (!taken) return;
  }
  flip(site, sum == sums ? sums : NO_SUMS);
}

/** Current sums of feature j: the block's, or the kernel's own. */
function sumsOfFeature(j: i32): usize {
  const ofBlock = blockSumsOf(j);
  if (ofBlock) {
    // Nothing is undone in a sweep that is decided here, so a feature that has been visited needs no sums any more.
    if (solo && inBlock != j) {
      if (inBlock >= 0) dropFeature(inBlock);
      inBlock = j;
    }
    return ofBlock;
  }
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

function rowIsOpen(j: i32): bool {
  const start = weightAt(j * classes);
  const w = load<u8>(start);
  for (let k = 1; k < classes; k++) if (load<u8>(start + k) != w) return false;
  return true;
}

function visitRow(site: i32): void {
  const j = site - features * classes;
  const owner: i32 = load<u8>(owners + j);
  if ((!solo && owner != SHARED && owner != self) || !rowIsOpen(j)) return;
  let priorQ = 0;
  for (let k = firstClass; k < classes; k++) priorQ += priorAt(j * classes + k);
  const taken = 0 >= thresholdAt(site, load<u8>(weightAt(j * classes)) ? -priorQ : priorQ);
  if (solo || owner == self) decided(site, ROWS, taken, 0);
  else if (taken) log(site, LOG_TAKEN, 0);
  if (taken) flipRow(j);
}

/** Partial delta of moving class k's bit, from current sums of the pair's two lists. */
@inline
function swapDeltaQ(first: i32, second: i32, k: i32, fromFirst: bool): i32 {
  const counts = (litCount(second * classes + k) - litCount(first * classes + k)) << 12;
  const other = sums + SUM_BYTES;
  return fromFirst
    ? laneOf(sums, classes + k) - laneOf(other, k) + counts
    : laneOf(other, classes + k) - laneOf(sums, k) - counts;
}

function visitSwap(site: i32): void {
  const swapSites = features * classes + features;
  const pair = (site - swapSites) / classes;
  const k = site - swapSites - pair * classes;
  const first = load<i32>(pairFirst + (<usize>pair << 2));
  const second = load<i32>(pairSecond + (<usize>pair << 2));
  const one: i32 = load<u8>(owners + first);
  const two: i32 = load<u8>(owners + second);
  const asked = !solo && (one != two || one == SHARED);
  if (!solo && !asked && one != self) return;
  const bothKnown = solo || ((one == SHARED || one == self) && (two == SHARED || two == self));
  if (bothKnown && load<u8>(weightAt(first * classes + k)) == load<u8>(weightAt(second * classes + k))) {
    if (!asked || one == two) return;
    guessed(CLOSED_Q);
    return log(site, LOG_CLOSED, 0);
  }
  const fromFirst = leavesFirst(pair, k);
  sumPair(pair, swapSites + pair * classes);
  const deltaQ = swapDeltaQ(first, second, k, fromFirst);
  if (asked) {
    if (!guessed(deltaQ)) return;
    log(site, LOG_TAKEN, 0);
  } else {
    const priorQ = priorAt(second * classes + k) - priorAt(first * classes + k);
    const taken = deltaQ >= thresholdAt(site, fromFirst ? priorQ : -priorQ);
    decided(site, SWAPS, taken, deltaQ);
    if (!taken) return;
  }
  swap(pair, k, fromFirst, sums);
}

/** Visits positions `from` .. `to - 1` of a plan. */
function visit(sites: usize, from: i32, to: i32): void {
  const rowSites = features * classes;
  const swapSites = rowSites + features;
  summed = -1;
  inBlock = -1;
  for (position = from; position < to; position++) {
    const site = load<i32>(sites + (<usize>position << 2));
    if (site < rowSites) visitFlip(site);
    else if (site < swapSites) visitRow(site);
    else visitSwap(site);
  }
}

/** Undoes the last window after position `at` and decides the site there the other way. */
function settle(at: i32): void {
  const entries: usize = load<u32>(slot, SLOT_LOG);
  let logged = false;
  for (let i = load<i32>(slot, SLOT_LOG_LENGTH) - 1; i >= 0; i--) {
    const entry = entries + <usize>i * LOG_BYTES;
    const there = load<i32>(entry, LOG_POSITION);
    if (there < at) break;
    const site = load<i32>(entry, LOG_SITE);
    const flags = load<i32>(entry, LOG_FLAGS);
    const taken = (flags & LOG_TAKEN) != 0;
    if (flags & LOG_OWN) countOwn(kindOf(site), taken, load<i32>(entry, LOG_DELTA), -1);
    if (taken) toggle(site);
    logged = there == at;
  }
  // A logged site was taken, or is closed and stays refused; any other was refused.
  if (!logged) toggle(load<i32>(planOf(load<i32>(slot, SLOT_WINDOW_SWEEP)) + (<usize>at << 2)));
}

@inline
function kindOf(site: i32): usize {
  const rowSites = features * classes;
  return site < rowSites ? FLIPS : site < rowSites + features ? ROWS : SWAPS;
}

@inline
function begin(modelAt: usize, threadAt: usize, slotAt: usize, alone: bool): void {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  bindBlock();
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
  store<i32>(slot, 0, SLOT_LOG_LENGTH);
  store<i32>(slot, 0, SLOT_WINDOW_FROM);
  store<i32>(slot, 0, SLOT_WINDOW_TO);
  visit(planOf(sweep), from, to);
}

/**
 * Settles the slot's last window (settleAt >= 0) and walks the next one.
 * @returns the number of shared sites, whose partials lie in the thread's scratch; -1 when settleAt is outside the last
 * window
 */
export function walkWindow(
  modelAt: usize,
  threadAt: usize,
  slotAt: usize,
  ofChain: i32,
  ofSweep: i32,
  beta: i32,
  settleAt: i32,
  from: i32,
  to: i32,
): i32 {
  begin(modelAt, threadAt, slotAt, false);
  if (settleAt >= 0) {
    if (settleAt < load<i32>(slot, SLOT_WINDOW_FROM) || settleAt >= load<i32>(slot, SLOT_WINDOW_TO)) return -1;
    settle(settleAt);
  }
  chain = ofChain;
  sweep = ofSweep;
  betaQ = beta;
  store<i32>(slot, 0, SLOT_LOG_LENGTH);
  store<i32>(slot, sweep, SLOT_WINDOW_SWEEP);
  store<i32>(slot, from, SLOT_WINDOW_FROM);
  store<i32>(slot, to, SLOT_WINDOW_TO);
  partials = load<u32>(thread, THREAD_PARTIALS);
  guess = load<u32>(thread, THREAD_GUESS);
  shared = 0;
  visit(planOf(sweep), from, to);
  return shared;
}
