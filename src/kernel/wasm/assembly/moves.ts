/** What a move changes: its delta from sums of table lanes, and the step itself. Sites as in src/sampler/sites.ts. */
import { SHARD_COUNTS, SUM_BYTES } from '../layout';
import { aimAt } from './block';
import { coarseBoundQ } from './coarse';
import { classes, features, owners, pairFirst, pairSecond, prior, segments, self, sums, weights } from './context';
import { OF_FEATURE, OF_PAIR, shardOf } from './lists';
import { NO_SUMS, stepList } from './steps';

export const UNLIT: i32 = 0;
export const SHARED: i32 = 255;

@inline
export function weightAt(i: i32): usize {
  return weights + <usize>i;
}

@inline
export function priorAt(i: i32): i32 {
  return load<i32>(prior + (<usize>i << 2));
}

/** The first row site, and the first swap site. */
@inline
export function firstRowSite(): i32 {
  return features * classes;
}

@inline
export function firstSwapSite(): i32 {
  return features * classes + features;
}

@inline
export function ownerOf(j: i32): i32 {
  return load<u8>(owners + <usize>j);
}

@inline
export function firstOf(pair: i32): i32 {
  return load<i32>(pairFirst + (<usize>pair << 2));
}

@inline
export function secondOf(pair: i32): i32 {
  return load<i32>(pairSecond + (<usize>pair << 2));
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

/** What the labels of the pair's two lists add when class k's bit leaves the first feature. */
@inline
function swapCountsQ(first: i32, second: i32, k: i32): i32 {
  return (litCount(second * classes + k) - litCount(first * classes + k)) << 12;
}

/** Partial delta of moving class k's bit, from current sums of the pair's two lists. */
@inline
export function swapDeltaQ(first: i32, second: i32, k: i32, fromFirst: bool): i32 {
  const counts = swapCountsQ(first, second, k);
  const other = sums + SUM_BYTES;
  return fromFirst
    ? laneOf(sums, classes + k) - laneOf(other, k) + counts
    : laneOf(other, classes + k) - laneOf(sums, k) - counts;
}

/** What that delta is at most, from current coarse sums of the pair's two lists. */
@inline
export function swapBoundQ(first: i32, second: i32, k: i32, fromFirst: bool): i32 {
  const counts = swapCountsQ(first, second, k);
  return fromFirst ? coarseBoundQ(0, k) + counts : coarseBoundQ(1, k) - counts;
}

/** Whether a walk decides every move here: no lit feature is shared or another member's. */
export function isAlone(): bool {
  for (let j = 0; j < features; j++) {
    const owner = ownerOf(j);
    if (owner != UNLIT && owner != self) return false;
  }
  return true;
}

/**
 * Whether class k's bit lies with the first feature. Only bits of SHARED and own features are known here; that of
 * another member's is taken to differ. In a walk of one's own every lit feature is one's own.
 */
@inline
export function leavesFirst(pair: i32, k: i32): bool {
  const owner = ownerOf(firstOf(pair));
  if (owner == SHARED || owner == self) return load<u8>(weightAt(firstOf(pair) * classes + k)) != 0;
  return load<u8>(weightAt(secondOf(pair) * classes + k)) == 0;
}

/** Flips weight i = j K + k. @param live sums of feature j to keep current, unless the block does */
export function flip(i: i32, live: usize): void {
  const w = load<u8>(weightAt(i));
  store<u8>(weightAt(i), w ^ 1);
  stepList(OF_FEATURE, i / classes, i % classes, w ? -1 : 1, live);
}

/** Whether all K bits of feature j are equal. */
export function rowIsOpen(j: i32): bool {
  const start = weightAt(j * classes);
  const w = load<u8>(start);
  for (let k = 1; k < classes; k++) if (load<u8>(start + k) != w) return false;
  return true;
}

/** Flips all K bits of feature j, which are equal: no row changes. */
export function flipRow(j: i32): void {
  const start = weightAt(j * classes);
  for (let k = 0; k < classes; k++) store<u8>(start + k, load<u8>(start + k) ^ 1);
}

/**
 * Moves class k's bit of a pair to the other feature.
 * @param fromFirst whether it leaves the first
 * @param live sums of the pair's two lists to keep current, or NO_SUMS
 */
export function swap(pair: i32, k: i32, fromFirst: bool, live: usize): void {
  store<u8>(weightAt(firstOf(pair) * classes + k), fromFirst ? 0 : 1);
  store<u8>(weightAt(secondOf(pair) * classes + k), fromFirst ? 1 : 0);
  stepList(OF_PAIR, 2 * pair, k, fromFirst ? -1 : 1, live);
  stepList(OF_PAIR, 2 * pair + 1, k, fromFirst ? 1 : -1, live == NO_SUMS ? NO_SUMS : live + SUM_BYTES);
}

/** Carries a logged move out once more, which undoes it, or one that was refused. @param at its position */
export function toggle(site: i32, at: i32): void {
  const rowSites = firstRowSite();
  const swapSites = firstSwapSite();
  if (site >= swapSites) {
    const pair = (site - swapSites) / classes;
    const k = (site - swapSites) % classes;
    swap(pair, k, leavesFirst(pair, k), NO_SUMS);
  } else if (site >= rowSites) {
    flipRow(site - rowSites);
  } else {
    aimAt(at, site / classes);
    flip(site, NO_SUMS);
  }
}
