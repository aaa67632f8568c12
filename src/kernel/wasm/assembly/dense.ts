/** What native products are made of and give: columns and rows as float32, logits, and sums that lists complete. */
import {
  SHARD_BLOCK_BITS,
  SHARD_DENSE,
  SHARD_DENSE_MASKS,
  SHARD_ROWS,
  SHARD_WEIGHTS,
  SHARD_WORDS,
  THREAD_ROWS,
} from '../layout';
import { batch, bindModel, bindSlot, bindThread, classes, features, stride, thread, weights } from './context';
import { addList, bitmapOf, OF_FEATURE, rowsOf, shardOf } from './lists';
import { rewriteRows } from './row';
import { addWeights, sameRow } from './state';

/** Rows made together. */
const TILE: i32 = 64;

@inline
function bitsAt(shard: usize, block: i32, n: i32): usize {
  return <usize>load<u32>(shard, SHARD_BLOCK_BITS) + <usize>(block * load<i32>(shard, SHARD_ROWS) + n) * 8;
}

@inline
function denseMask(shard: usize, block: i32): u64 {
  return load<u64>(<usize>load<u32>(shard, SHARD_DENSE_MASKS) + (<usize>block << 3));
}

/** Writes the features of each block that a row lights, into zeroed memory. */
export function fillBlockBits(modelAt: usize, shard: usize): void {
  bindModel(modelAt);
  const words = load<i32>(shard, SHARD_WORDS);
  for (let j = 0; j < features; j++) {
    const bit = <u64>1 << (j & 63);
    for (let word = 0; word < words; word++) {
      for (let lit = load<u64>(bitmapOf(shard, j) + (<usize>word << 3)); lit; lit &= lit - 1) {
        const at = bitsAt(shard, j >> 6, word * 64 + <i32>ctz(lit));
        store<u64>(at, load<u64>(at) | bit);
      }
    }
  }
}

/** Writes the rows `from` .. `to - 1` of a block's dense columns, f32[features][rows]; returns where they end. */
export function fillDense(modelAt: usize, shard: usize, block: i32, from: i32, to: i32, out: usize): usize {
  bindModel(modelAt);
  for (let rest = denseMask(shard, block); rest; rest &= rest - 1) {
    const bitmap = bitmapOf(shard, (block << 6) + <i32>ctz(rest));
    for (let n = from; n < to; n++, out += 4) {
      store<f32>(out, <f32>((<i32>load<u8>(bitmap + <usize>(n >> 3)) >> (n & 7)) & 1));
    }
  }
  return out;
}

@inline
function widen4(out: usize, four: v128, weight: i32): void {
  v128.store(out, f32x4.convert_i32x4_s(weight == 1 ? four : i32x4.mul(four, i32x4.splat(weight))));
}

/** Writes a row's 2K entries, and up to 3 numbers more. */
@inline
function widenRow(p: usize, out: usize, weight: i32): void {
  const lanes = classes << 1;
  for (let lane = 0; lane < lanes; lane += 8, p += 16, out += 32) {
    const eight = v128.load(p);
    widen4(out, i32x4.extend_low_i16x8_u(eight), weight);
    if (lanes - lane > 4) widen4(out + 16, i32x4.extend_high_i16x8_u(eight), weight);
  }
}

/**
 * Writes table rows `from` .. `to - 1` of several slots side by side, f32[rows][slots][2K], each row times its weight. Up
 * to 12 bytes behind them are overwritten.
 * @param tables u32[count]: where the slots' rows begin
 * @param first weight that counts for row `from`
 * @param last weight that counts for row `to - 1`
 */
export function widenRows(
  modelAt: usize,
  shard: usize,
  tables: usize,
  count: i32,
  from: i32,
  to: i32,
  first: i32,
  last: i32,
  out: usize,
): void {
  bindModel(modelAt);
  const rowWeights: usize = load<u32>(shard, SHARD_WEIGHTS);
  const step = <usize>classes << 3;
  for (let n = from; n < to; n++) {
    const weight = n == from ? first : n == to - 1 ? last : load<i32>(rowWeights + (<usize>n << 2));
    for (let c = 0; c < count; c++, out += step) {
      widenRow(<usize>load<u32>(tables + (<usize>c << 2)) + <usize>(n * stride), out, weight);
    }
  }
}

/** Adds the sums of feature j over one segment of a slot, from its list, to `out`. */
export function addListSum(modelAt: usize, slotAt: usize, segment: i32, j: i32, out: usize): void {
  bindModel(modelAt);
  bindSlot(slotAt);
  addList(segment, OF_FEATURE, j, out);
}

/** Adds the weights of a row's features that have no dense column. */
function addRare(shard: usize, n: i32, z: usize): void {
  for (let block = 0; block << 6 < features; block++) {
    const rare = load<u64>(bitsAt(shard, block, n)) & ~denseMask(shard, block);
    for (let rest = rare; rest; rest &= rest - 1) {
      addWeights(z, weights + <usize>(((block << 6) + <i32>ctz(rest)) * classes));
    }
  }
}

/** Makes `count` rows from `first` on out of logits that lack the features without a dense column. */
function makeRows(shard: usize, first: i32, count: i32, logits: usize, out: usize): void {
  memory.fill(out, 0, <usize>(count * stride));
  for (let i = 0; i < count; i++) {
    const z = out + <usize>(i * stride) + (<usize>classes << 2);
    for (let k = 0; k < classes; k++, logits += 4) store<i16>(z + (<usize>k << 1), <i16>load<f32>(logits));
    addRare(shard, first + i, z);
    store<u16>(batch + (<usize>i << 1), <u16>i);
  }
  rewriteRows(out, batch, count);
}

/**
 * Rows `from` .. `to - 1` of a segment from logits f32[rows][K] that lack the features without a dense column.
 * @param write whether they replace the slot's
 * @returns how many differed from the slot's
 */
export function rowsFromLogits(
  modelAt: usize,
  threadAt: usize,
  slotAt: usize,
  segment: i32,
  from: i32,
  to: i32,
  logits: usize,
  write: bool,
): i32 {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  const shard = shardOf(segment);
  const fresh: usize = load<u32>(thread, THREAD_ROWS);
  let different = 0;
  for (let n = from; n < to; n += TILE) {
    const count = min(TILE, to - n);
    const kept = rowsOf(segment) + <usize>(n * stride);
    makeRows(shard, n, count, logits, fresh);
    logits += <usize>(count * classes) << 2;
    for (let at = 0; at < count * stride; at += stride) if (!sameRow(fresh + at, kept + at)) different++;
    if (write) memory.copy(kept, fresh, <usize>(count * stride));
  }
  return different;
}
