/**
 * Coarse rows: a byte for each entry of the flip table, an up entry in 16ths rounded down, a down entry rounded up. Their
 * sums bound a swap's delta from above, and most swaps are refused by the bound. A row takes a third of its bytes, and only
 * what a pair's open swaps need of it is summed: where the table fits no near cache, that is less than half the time. They
 * are made when a sweep comes to its swaps, and kept current while it visits them.
 */
import {
  BLOCK_ALWAYS,
  COARSE_ROWS,
  COARSE_ROWS_AT,
  COARSE_SUM_BYTES,
  COARSE_SUMS_AT,
  MODEL_BLOCK_SUMS,
  SHARD_ROWS,
  THREAD_COARSE,
} from '../layout';
import { addBytes, bytesOfRow, makeBytes, MOST, UNIT_LOG2, writeRounding } from './bytes';
import { classes, firstClass, model, segments, stride, thread } from './context';
import { allLight, listAt, OF_PAIR, rowCount, rowsOf, shardOf } from './lists';
import { firstOf, secondOf, weightAt } from './moves';

/** Swaps that repay making the coarse rows: a tenth of MNIST's. */
const MANY_SITES: i32 = 2048;
/** A table that is larger fits no near cache. */
const FAR_BYTES: i32 = 2 << 20;
/** Shorter lists are summed exactly at once: most of them need it in the end. */
const FEW_ROWS: i32 = 1500;
/** Where more than this part of the rows needs exact sums, after so many, coarse ones save nothing. */
const MOST_EXACT: f64 = 0.25;
const TRIAL_ROWS: i32 = 500000;

/** Whether there are coarse rows, and they are current. */
let current: bool = false;
/** Whose two lists are summed: a pair, -1 for none. */
let summed: i32 = -1;
/** Rows that were summed so far, and those of pairs that needed exact sums in the end. */
let summedRows: i32 = 0;
let exactRows: i32 = 0;
/** Whether they are made whatever it costs: for tests. */
let forced: bool = false;
let scratch: usize = 0;

/** Where the coarse rows of a segment begin. */
function coarseRowsOf(segment: i32): usize {
  let rows = 0;
  for (let s = 0; s < segment; s++) rows += load<i32>(shardOf(s), SHARD_ROWS);
  return scratch + COARSE_ROWS_AT + <usize>(rows * bytesOfRow());
}

function isWorthwhile(sites: i32): bool {
  const rows = rowCount();
  if (rows > COARSE_ROWS || !allLight()) return false;
  return forced || (sites >= MANY_SITES && rows * stride > FAR_BYTES);
}

/** Makes the coarse rows of all segments, if that is worthwhile for so many swaps. */
export function beginCoarse(sites: i32): void {
  summed = -1;
  summedRows = 0;
  exactRows = 0;
  forced = load<i32>(model, MODEL_BLOCK_SUMS) == BLOCK_ALWAYS;
  current = isWorthwhile(sites);
  if (!current) return;
  scratch = load<u32>(thread, THREAD_COARSE);
  writeRounding(scratch);
  for (let s = 0; s < segments; s++) {
    makeBytes(rowsOf(s), scratch, coarseRowsOf(s), 0, load<i32>(shardOf(s), SHARD_ROWS));
  }
}

/** From here on they are not kept current. */
export function endCoarse(): void {
  current = false;
}

@inline
export function coarseIsCurrent(): bool {
  return current;
}

/** Makes the coarse rows of some rows of a segment anew. */
export function refreshCoarse(segment: i32, rows: usize, list: usize, count: i32): void {
  makeBytes(rows, scratch, coarseRowsOf(segment), list, count);
}

/** Rows of both lists of a pair, over all segments. */
function rowsOfPair(pair: i32): i32 {
  let bytes: usize = 0;
  for (let s = 0; s < segments; s++) {
    bytes += listAt(shardOf(s), OF_PAIR, 2 * pair + 2, 0) - listAt(shardOf(s), OF_PAIR, 2 * pair, 0);
  }
  return <i32>(bytes >> 1);
}

/** The lanes of the first list's sums that a pair's open swaps need, one bit each. */
function lanesOf(pair: i32): u64 {
  const first = weightAt(firstOf(pair) * classes);
  const second = weightAt(secondOf(pair) * classes);
  let lanes: u64 = 0;
  for (let k = firstClass; k < classes; k++) {
    const bit = load<u8>(first + k);
    if (bit != load<u8>(second + k)) lanes |= <u64>1 << <u64>(bit ? classes + k : k);
  }
  return lanes;
}

/** Up lanes in place of down lanes, and the other way round: what a bit is to one list it isn't to the other. */
@inline
function turned(lanes: u64): u64 {
  const ups = (<u64>1 << <u64>classes) - 1;
  return (lanes >> <u64>classes) | ((lanes & ups) << <u64>classes);
}

/** Sums the coarse rows of a list over all segments, 16 lanes at a time. */
function sumLanes(out: usize, list: i32, lanes: u64): void {
  memory.fill(out, 0, COARSE_SUM_BYTES);
  while (lanes) {
    const lane = <usize>ctz(lanes);
    for (let s = 0; s < segments; s++) {
      const from = listAt(shardOf(s), OF_PAIR, list, 0);
      const end = listAt(shardOf(s), OF_PAIR, list, 1);
      addBytes(out + (lane << 2), coarseRowsOf(s) + lane, from, <i32>((end - from) >> 1));
    }
    lanes &= ~(<u64>0xffff << <u64>lane);
  }
}

/** Sums what the open swaps of a pair need of its two lists. */
function sumPair(pair: i32): void {
  const out = scratch + COARSE_SUMS_AT;
  const lanes = lanesOf(pair);
  sumLanes(out, 2 * pair, lanes);
  sumLanes(out + COARSE_SUM_BYTES, 2 * pair + 1, turned(lanes));
}

/**
 * Sums the coarse rows of a pair's two lists, unless that isn't worthwhile. No move of the pair may have been taken since
 * they were last summed.
 * @returns whether there are sums
 */
export function sumCoarsePair(pair: i32): bool {
  if (!current) return false;
  if (summed == pair) return true;
  const rows = rowsOfPair(pair);
  if (!forced && rows < FEW_ROWS) return false;
  summed = pair;
  summedRows += rows;
  sumPair(pair);
  return true;
}

/** Says that a pair needs exact sums. Where too many do, coarse ones are given up. */
export function needExactPair(pair: i32): void {
  if (summed != pair) return;
  summed = -1;
  exactRows += rowsOfPair(pair);
  if (!forced && summedRows > TRIAL_ROWS && exactRows > <i32>(MOST_EXACT * <f64>summedRows)) current = false;
}

@inline
function laneOf(side: i32, lane: i32): i32 {
  return load<i32>(scratch + COARSE_SUMS_AT + <usize>side * COARSE_SUM_BYTES + (<usize>lane << 2));
}

/**
 * At least the sum of class k's down entries over the list that its bit leaves, less that of its up entries over the
 * other. @param from the side that it leaves
 */
@inline
export function coarseBoundQ(from: i32, k: i32): i32 {
  const down = laneOf(from, classes + k);
  return (down + down / MOST - laneOf(1 - from, k)) << UNIT_LOG2;
}
