/** Rows lit in only one feature of a neighbour pair, listed once a shard. */
import {
  SHARD_CHUNKS,
  SHARD_CHUNK_STARTS,
  SHARD_LISTS,
  SHARD_OFFSETS,
  SHARD_PAIR_LISTS,
  SHARD_PAIR_OFFSETS,
  SHARD_ROWS,
} from '../layout';
import { bindModel, features, pairFirst, pairs, pairSecond } from './context';

/** Bitmaps of the rows each feature lights, u64[D][words], into zeroed memory at `bitmaps`. */
function fillBitmaps(shard: usize, bitmaps: usize, words: i32): void {
  const chunks = load<i32>(shard, SHARD_CHUNKS);
  const offsets: usize = load<u32>(shard, SHARD_OFFSETS);
  const lists: usize = load<u32>(shard, SHARD_LISTS);
  for (let j = 0; j < features; j++) {
    const start = load<u32>(offsets + <usize>(j * chunks) * 4);
    const end = load<u32>(offsets + <usize>((j + 1) * chunks) * 4);
    const bitmap = bitmaps + <usize>(j * words) * 8;
    for (let i = start; i < end; i++) {
      const n = <usize>load<u16>(lists + (<usize>i << 1));
      const word = bitmap + ((n >> 6) << 3);
      store<u64>(word, load<u64>(word) | (<u64>1 << (n & 63)));
    }
  }
}

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
 * Counts the rows of both sides of every pair and chunk into SHARD_PAIR_OFFSETS, and writes them when SHARD_PAIR_LISTS
 * is set. @returns how many there are in all
 */
export function listPairs(modelAt: usize, shard: usize, bitmaps: usize, first: bool): u32 {
  bindModel(modelAt);
  const words = (load<i32>(shard, SHARD_ROWS) + 63) >> 6;
  if (first) fillBitmaps(shard, bitmaps, words);
  const chunks = load<i32>(shard, SHARD_CHUNKS);
  const starts: usize = load<u32>(shard, SHARD_CHUNK_STARTS);
  const lists: usize = load<u32>(shard, SHARD_PAIR_LISTS);
  let offset: usize = load<u32>(shard, SHARD_PAIR_OFFSETS);
  let total: u32 = 0;
  for (let side = 0; side < 2 * pairs; side++) {
    const pair = <usize>(side >> 1) << 2;
    const one = bitmaps + <usize>(load<i32>(pairFirst + pair) * words) * 8;
    const two = bitmaps + <usize>(load<i32>(pairSecond + pair) * words) * 8;
    for (let c = 0; c < chunks; c++, offset += 4) {
      const from = load<i32>(starts + (<usize>c << 2));
      const to = load<i32>(starts + (<usize>c << 2), 4);
      const at = lists ? lists + (<usize>total << 1) : 0;
      store<u32>(offset, total);
      total += side & 1 ? difference(two, one, from, to, at) : difference(one, two, from, to, at);
    }
  }
  store<u32>(offset, total);
  return total;
}
