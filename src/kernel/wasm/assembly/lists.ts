/** Lists of rows: all that a feature lights, or that only one feature of a pair lights. Light rows first, then heavy. */
import {
  SEGMENT_BYTES,
  SEGMENT_ROWS,
  SHARD_BITMAPS,
  SHARD_LIGHT_ROWS,
  SHARD_LISTS,
  SHARD_OFFSETS,
  SHARD_PAIR_LISTS,
  SHARD_PAIR_OFFSETS,
  SHARD_ROWS,
  SHARD_WEIGHTS,
  SHARD_WORDS,
  SLOT_SEGMENT_LIST,
  SUM_BYTES,
} from '../layout';
import { segments, slot } from './context';
import { addHeavy, addLight } from './sums';

/** A list's kind: a feature's (its number: the feature), or one side of a pair's (2 pair + side). */
export const OF_FEATURE: i32 = 0;
export const OF_PAIR: i32 = 1;

@inline
export function shardOf(segment: i32): usize {
  return load<u32>(slot + SLOT_SEGMENT_LIST + <usize>segment * SEGMENT_BYTES);
}

@inline
export function rowsOf(segment: i32): usize {
  return load<u32>(slot + SLOT_SEGMENT_LIST + <usize>segment * SEGMENT_BYTES, SEGMENT_ROWS);
}

/** Rows of all segments together. */
export function rowCount(): i32 {
  let rows = 0;
  for (let s = 0; s < segments; s++) rows += load<i32>(shardOf(s), SHARD_ROWS);
  return rows;
}

/** Whether every row weighs 1. */
export function allLight(): bool {
  for (let s = 0; s < segments; s++) {
    if (load<i32>(shardOf(s), SHARD_LIGHT_ROWS) < load<i32>(shardOf(s), SHARD_ROWS)) return false;
  }
  return true;
}

/** The rows of all lists of a kind, u16[]. */
@inline
function entriesOf(shard: usize, kind: i32): usize {
  return kind == OF_FEATURE ? load<u32>(shard, SHARD_LISTS) : load<u32>(shard, SHARD_PAIR_LISTS);
}

/** Address of the first light row (part 0), the first heavy one (1), or behind the last one (2) of a list. */
@inline
export function listAt(shard: usize, kind: i32, number: i32, part: i32): usize {
  const offsets: usize = kind == OF_FEATURE ? load<u32>(shard, SHARD_OFFSETS) : load<u32>(shard, SHARD_PAIR_OFFSETS);
  return entriesOf(shard, kind) + (<usize>load<u32>(offsets + (<usize>(2 * number + part) << 2)) << 1);
}

/** The rows that a feature lights, one bit each. */
@inline
export function bitmapOf(shard: usize, feature: i32): usize {
  return <usize>load<u32>(shard, SHARD_BITMAPS) + <usize>(feature * load<i32>(shard, SHARD_WORDS)) * 8;
}

/** Adds (sign 1) or takes off (sign -1) the table lanes of some rows, all light or all heavy. */
@inline
export function addTo(sign: i32, out: usize, shard: usize, rows: usize, heavy: bool, list: usize, count: i32): void {
  if (heavy) addHeavy(sign, out, rows, list, count, load<u32>(shard, SHARD_WEIGHTS));
  else addLight(sign, out, rows, list, count);
}

/** Adds the table lanes of a list over one segment to `out`. */
export function addList(segment: i32, kind: i32, number: i32, out: usize): void {
  const shard = shardOf(segment);
  const light = listAt(shard, kind, number, 0);
  const heavy = listAt(shard, kind, number, 1);
  const end = listAt(shard, kind, number, 2);
  addTo(1, out, shard, rowsOf(segment), false, light, <i32>((heavy - light) >> 1));
  addTo(1, out, shard, rowsOf(segment), true, heavy, <i32>((end - heavy) >> 1));
}

/** Sums the table lanes of a list over all segments into `out`. */
export function sumList(kind: i32, number: i32, out: usize): void {
  memory.fill(out, 0, SUM_BYTES);
  for (let s = 0; s < segments; s++) addList(s, kind, number, out);
}
