/** Lists of rows, cut in chunks: all that a feature lights, or that only one feature of a pair lights. */
import {
  BATCH_ROWS,
  SEGMENT_BYTES,
  SEGMENT_ROWS,
  SHARD_CHUNKS,
  SHARD_LIGHT_CHUNKS,
  SHARD_LISTS,
  SHARD_OFFSETS,
  SHARD_PAIR_LISTS,
  SHARD_PAIR_OFFSETS,
  SHARD_WEIGHTS,
  SLOT_SEGMENT_LIST,
  SUM_BYTES,
} from '../layout';
import { batch, classes, segments, slot, stride } from './context';
import { rewriteRows } from './row';
import { addHeavy, addLight } from './sums';

/** Where lists are kept: by feature, or by pair and side (2 pair + side). */
export const OF_FEATURES: i32 = 0;
export const OF_PAIRS: i32 = 1;

/** No sums to keep current. */
export const NO_SUMS: usize = 0;

/** A class 15 or more below the maximum, before and after its move, leaves the rest of a row as it is. */
const FAR: i32 = 15;

@inline
function segmentAt(s: i32): usize {
  return slot + SLOT_SEGMENT_LIST + <usize>s * SEGMENT_BYTES;
}

@inline
function offsetsOf(shard: usize, kind: i32, number: i32): usize {
  const offsets: usize = kind == OF_FEATURES ? load<u32>(shard, SHARD_OFFSETS) : load<u32>(shard, SHARD_PAIR_OFFSETS);
  return offsets + <usize>(number * load<i32>(shard, SHARD_CHUNKS)) * 4;
}

@inline
function listsOf(shard: usize, kind: i32): usize {
  return kind == OF_FEATURES ? load<u32>(shard, SHARD_LISTS) : load<u32>(shard, SHARD_PAIR_LISTS);
}

@inline
function addTo(sign: i32, out: usize, shard: usize, rows: usize, heavy: bool, list: usize, count: i32): void {
  if (heavy) addHeavy(sign, out, rows, list, count, load<u32>(shard, SHARD_WEIGHTS));
  else addLight(sign, out, rows, list, count);
}

/** Sums the table lanes of a list over all segments into `out`. */
export function sumList(kind: i32, number: i32, out: usize): void {
  memory.fill(out, 0, SUM_BYTES);
  for (let s = 0; s < segments; s++) {
    const shard: usize = load<u32>(segmentAt(s));
    const rows: usize = load<u32>(segmentAt(s), SEGMENT_ROWS);
    const offsets = offsetsOf(shard, kind, number);
    const lists = listsOf(shard, kind);
    const chunks = load<i32>(shard, SHARD_CHUNKS);
    const light = load<i32>(shard, SHARD_LIGHT_CHUNKS);
    for (let c = 0; c < chunks; c++) {
      const start = load<u32>(offsets + (<usize>c << 2));
      const count = <i32>(load<u32>(offsets + (<usize>c << 2), 4) - start);
      addTo(1, out, shard, rows, c >= light, lists + (<usize>start << 1), count);
    }
  }
}

/** Adds `step` to the logit of class k of some rows; collects those whose other entries change. */
@inline
function touch(rows: usize, list: usize, count: i32, k: i32, step: i32): i32 {
  const zAt = (<usize>classes << 2) + (<usize>k << 1);
  const maxAt = <usize>classes * 6;
  const near = step > 0 ? FAR + 1 : FAR;
  let out = batch;
  for (let i = 0; i < count; i++, list += 2) {
    const n = load<u16>(list);
    const p = rows + <usize>(<i32>n * stride);
    const z: i32 = load<i16>(p + zAt);
    store<i16>(p + zAt, <i16>(z + step));
    store<u16>(out, n);
    out += <usize>i32(<i32>load<i16>(p + maxAt) - z < near) << 1;
  }
  return <i32>((out - batch) >> 1);
}

@inline
function stepBatch(shard: usize, rows: usize, heavy: bool, list: usize, count: i32, k: i32, step: i32, live: usize): void {
  const near = touch(rows, list, count, k, step);
  if (live != NO_SUMS) addTo(-1, live, shard, rows, heavy, batch, near);
  rewriteRows(rows, batch, near);
  if (live != NO_SUMS) addTo(1, live, shard, rows, heavy, batch, near);
}

/**
 * Adds `step` (1 or -1) to the logit of class k of all rows of a list, and rewrites what changes in them.
 * @param live sums of the same list to keep current, or NO_SUMS
 */
export function stepList(kind: i32, number: i32, k: i32, step: i32, live: usize): void {
  for (let s = 0; s < segments; s++) {
    const shard: usize = load<u32>(segmentAt(s));
    const rows: usize = load<u32>(segmentAt(s), SEGMENT_ROWS);
    const offsets = offsetsOf(shard, kind, number);
    const lists = listsOf(shard, kind);
    const chunks = load<i32>(shard, SHARD_CHUNKS);
    const light = load<i32>(shard, SHARD_LIGHT_CHUNKS);
    for (let c = 0; c < chunks; c++) {
      const end = load<u32>(offsets + (<usize>c << 2), 4);
      for (let start = load<u32>(offsets + (<usize>c << 2)); start < end; start += BATCH_ROWS) {
        const count = min(<i32>(end - start), BATCH_ROWS);
        stepBatch(shard, rows, c >= light, lists + (<usize>start << 1), count, k, step, live);
      }
    }
  }
}

/** Adds `step` to all logits and the maximum of a feature's rows: nothing else changes. */
export function stepAllClasses(j: i32, step: i32): void {
  const from = <usize>classes << 2;
  const end = <usize>classes * 6 + 2;
  for (let s = 0; s < segments; s++) {
    const shard: usize = load<u32>(segmentAt(s));
    const rows: usize = load<u32>(segmentAt(s), SEGMENT_ROWS);
    const offsets = offsetsOf(shard, OF_FEATURES, j);
    const lists: usize = load<u32>(shard, SHARD_LISTS);
    const last = lists + (<usize>load<u32>(offsets + (<usize>load<i32>(shard, SHARD_CHUNKS) << 2)) << 1);
    for (let at = lists + (<usize>load<u32>(offsets) << 1); at < last; at += 2) {
      const p = rows + <usize>(<i32>load<u16>(at) * stride);
      for (let z = p + from; z < p + end; z += 2) store<i16>(z, <i16>(load<i16>(z) + step));
    }
  }
}
