/** Moves logits up and down, and rewrites the rows that change. Moves of all classes at once change none, see row.ts. */
import { BATCH_ROWS } from '../layout';
import { batch, classes, segments, stride } from './context';
import { blockChanges, rewriteInBlock } from './block';
import { coarseIsCurrent, refreshCoarse } from './coarse';
import { addTo, listAt, rowsOf, shardOf } from './lists';
import { rewriteRows } from './row';
import { countChanged } from './tiled';

/** No sums to keep current. */
export const NO_SUMS: usize = 0;

/** A class 15 or more below the maximum, before and after its move, leaves the rest of a row as it is. */
const FAR: i32 = 15;

/** Adds `step` to the logit of class k of some rows; collects those whose other entries change. */
@inline
function touch(rows: usize, list: usize, count: i32, k: i32, step: i32): i32 {
  const size = stride;
  const zAt = (<usize>classes << 2) + (<usize>k << 1);
  const near = step > 0 ? FAR + 1 : FAR;
  const begin = batch;
  let out = begin;
  for (let i = 0; i < count; i++, list += 2) {
    const n = load<u16>(list);
    const p = rows + <usize>(<i32>n * size);
    const z: i32 = load<i16>(p + zAt);
    store<i16>(p + zAt, <i16>(z + step));
    store<u16>(out, n);
    out += <usize>i32(z > -near) << 1;
  }
  return <i32>((out - begin) >> 1);
}

/** Steps rows `list` .. `end`, all light or all heavy. */
@inline
function stepRows(s: i32, heavy: bool, list: usize, end: usize, k: i32, step: i32, live: usize): void {
  const shard = shardOf(s);
  const rows = rowsOf(s);
  for (; list < end; list += BATCH_ROWS * 2) {
    const near = touch(rows, list, min(<i32>((end - list) >> 1), BATCH_ROWS), k, step);
    if (near == 0) continue;
    countChanged(near);
    if (live != NO_SUMS) addTo(-1, live, shard, rows, heavy, batch, near);
    if (blockChanges()) rewriteInBlock(shard, rows, heavy, near);
    else rewriteRows(rows, batch, near);
    if (coarseIsCurrent()) refreshCoarse(s, rows, batch, near);
    if (live != NO_SUMS) addTo(1, live, shard, rows, heavy, batch, near);
  }
}

/**
 * Adds `step` (1 or -1) to the logit of class k of all rows of a list, and rewrites what changes in them.
 * @param live sums of the same list to keep current, or NO_SUMS
 */
export function stepList(kind: i32, number: i32, k: i32, step: i32, live: usize): void {
  for (let s = 0; s < segments; s++) {
    const shard = shardOf(s);
    const heavy = listAt(shard, kind, number, 1);
    stepRows(s, false, listAt(shard, kind, number, 0), heavy, k, step, live);
    stepRows(s, true, heavy, listAt(shard, kind, number, 2), k, step, live);
  }
}
