/** Rows lit in only one feature of a neighbour pair, listed once a shard. */
import { SHARD_LIGHT_ROWS, SHARD_PAIR_LISTS, SHARD_PAIR_OFFSETS, SHARD_ROWS } from '../layout';
import { bindModel, pairFirst, pairs, pairSecond } from './context';
import { bitmapOf } from './lists';

/** Bits `from` .. `to - 1` that lie in 64-bit word `w`. */
@inline
function maskOf(w: i32, from: i32, to: i32): u64 {
  let mask: u64 = ~(<u64>0);
  if (from > w << 6) mask &= mask << <u64>(from & 63);
  if (to < (w + 1) << 6) mask &= ~((~(<u64>0)) << <u64>(to & 63));
  return mask;
}

/** Writes, or only counts (at = 0), the rows `from` .. `to - 1` in a but not in b; returns how many. */
function difference(a: usize, b: usize, from: i32, to: i32, at: usize): u32 {
  let count: u32 = 0;
  for (let w = from >> 6; w << 6 < to; w++) {
    const word = <usize>w << 3;
    let rest = load<u64>(a + word) & ~load<u64>(b + word) & maskOf(w, from, to);
    if (at == 0) {
      count += <u32>popcnt(rest);
      continue;
    }
    for (; rest; rest &= rest - 1, count++) {
      store<u16>(at + (<usize>count << 1), <u16>((w << 6) + <i32>ctz(rest)));
    }
  }
  return count;
}

/**
 * Counts the light and the heavy rows of both sides of every pair into SHARD_PAIR_OFFSETS, and writes them when
 * SHARD_PAIR_LISTS is set. @returns how many there are in all
 */
export function listPairs(modelAt: usize, shard: usize): u32 {
  bindModel(modelAt);
  const light = load<i32>(shard, SHARD_LIGHT_ROWS);
  const rows = load<i32>(shard, SHARD_ROWS);
  const lists: usize = load<u32>(shard, SHARD_PAIR_LISTS);
  let offset: usize = load<u32>(shard, SHARD_PAIR_OFFSETS);
  let total: u32 = 0;
  for (let side = 0; side < 2 * pairs; side++) {
    const first = bitmapOf(shard, load<i32>(pairFirst + (<usize>(side >> 1) << 2)));
    const second = bitmapOf(shard, load<i32>(pairSecond + (<usize>(side >> 1) << 2)));
    const lit = side & 1 ? second : first;
    const unlit = side & 1 ? first : second;
    store<u32>(offset, total);
    total += difference(lit, unlit, 0, light, lists ? lists + (<usize>total << 1) : 0);
    store<u32>(offset, total, 4);
    total += difference(lit, unlit, light, rows, lists ? lists + (<usize>total << 1) : 0);
    offset += 8;
  }
  store<u32>(offset, total);
  return total;
}
