/**
 * Sums of one block's features for a slot. Somebody else makes them, all at once; here they are kept current: a row that
 * is rewritten adds its change to the sums of those features it lights that are still to come. Undoing moves backwards
 * takes the same changes off again.
 */
import {
  SAVED_AT,
  SAVED_BYTES,
  SAVED_ROWS,
  SHARD_BLOCK_BITS,
  SHARD_ROWS,
  SHARD_WEIGHTS,
  SLOT_BLOCK,
  SLOT_BLOCK_FROM,
  SLOT_BLOCK_MASK,
  SLOT_BLOCK_SUMS,
  SLOT_BLOCK_SWEEP,
  SLOT_BLOCK_TO,
} from '../layout';
import { batch, classes, features, slot, stride, toCome, vectors } from './context';
import { planOf } from './plan';
import { rewriteRows } from './row';
import { N1, N2, N3, N4, N5, N6, N7, N8 } from './static';

/** As the slot has them. */
let mask: u64 = 0;
let block: i32 = 0;
let from: i32 = 0;
let blockSums: usize = 0;
/** Bytes of a feature's sums. */
let sumBytes: usize = 0;
/** Sweep and block that `toCome` holds. */
let toComeSweep: i32 = -1;
let toComeBlock: i32 = -1;
/** Features whose sums the move under way changes. */
let changing: u64 = 0;

/** Bytes of a feature's sums. */
@inline
export function sumBytesOf(): usize {
  return <usize>vectors() << 5;
}

/** For each feature of the block, those that its sweep visits at or after it. */
function orderFeatures(sweep: i32, to: i32): void {
  const sites = planOf(sweep);
  const rowSites = features * classes;
  let rest: u64 = 0;
  for (let position = to - 1; position >= from; position--) {
    const site = load<i32>(sites + (<usize>position << 2));
    if (site >= rowSites) continue;
    const f = <usize>(site / classes) & 63;
    rest |= <u64>1 << f;
    store<u64>(toCome + (f << 3), rest);
  }
  toComeSweep = sweep;
  toComeBlock = block;
}

/** Takes up the slot's block for moves from position `at` of a sweep on, or ends it when they lie behind it. */
export function bindBlock(sweep: i32, at: i32): void {
  changing = 0;
  mask = load<u64>(slot, SLOT_BLOCK_MASK);
  if (mask == 0) return;
  const to = load<i32>(slot, SLOT_BLOCK_TO);
  if (load<i32>(slot, SLOT_BLOCK_SWEEP) != sweep || at >= to) {
    mask = 0;
    store<u64>(slot, 0, SLOT_BLOCK_MASK);
    return;
  }
  block = load<i32>(slot, SLOT_BLOCK);
  from = load<i32>(slot, SLOT_BLOCK_FROM);
  blockSums = load<u32>(slot, SLOT_BLOCK_SUMS);
  sumBytes = sumBytesOf();
  if (toComeSweep != sweep || toComeBlock != block) orderFeatures(sweep, to);
}

/** Says that what is rewritten next belongs to feature j's site at a position: before the block, all of it is to come. */
export function aimAt(at: i32, j: i32): void {
  if (mask) changing = at < from ? mask : mask & load<u64>(toCome + (<usize>(j & 63) << 3));
}

/** Where feature j's sums lie, or 0 when it has none. */
@inline
export function blockSumsOf(j: i32): usize {
  return mask && j >> 6 == block && (mask >> <u64>(j & 63)) & 1 ? blockSums + <usize>(j & 63) * sumBytes : 0;
}

/** Whether rewritten rows change sums of the block. */
@inline
export function blockChanges(): bool {
  return changing != 0;
}

@inline
function save<V>(p: usize, to: usize): void {
  for (let at: usize = 0; at < offsetof<V>() << 4; at += 16) v128.store(to + at, v128.load(p + at));
}

/** A vector of a row's entries less the saved ones; none past the V vectors that there are. */
@inline
function changeOf<V, W>(p: usize, saved: usize): v128 {
  if (offsetof<V>() < offsetof<W>()) return i16x8.splat(0);
  const at = (offsetof<W>() << 4) - 16;
  return i16x8.sub(v128.load(p + at), v128.load(saved + at));
}

@inline
function addChange<V, W>(sums: usize, change: v128, weight: i32): void {
  if (offsetof<V>() < offsetof<W>()) return;
  const out = sums + (offsetof<W>() << 5) - 32;
  let low = i32x4.extend_low_i16x8_s(change);
  let high = i32x4.extend_high_i16x8_s(change);
  if (weight != 1) {
    low = i32x4.mul(low, i32x4.splat(weight));
    high = i32x4.mul(high, i32x4.splat(weight));
  }
  v128.store(out, i32x4.add(v128.load(out), low));
  v128.store(out, i32x4.add(v128.load(out, 16), high), 16);
}

/** Adds a row's change to the sums of the features in `lit`. */
@inline
function spread<V>(p: usize, saved: usize, lit: u64, weight: i32): void {
  const c1 = changeOf<V, N1>(p, saved);
  const c2 = changeOf<V, N2>(p, saved);
  const c3 = changeOf<V, N3>(p, saved);
  const c4 = changeOf<V, N4>(p, saved);
  const c5 = changeOf<V, N5>(p, saved);
  const c6 = changeOf<V, N6>(p, saved);
  const c7 = changeOf<V, N7>(p, saved);
  const c8 = changeOf<V, N8>(p, saved);
  const any = v128.or(v128.or(v128.or(c1, c2), v128.or(c3, c4)), v128.or(v128.or(c5, c6), v128.or(c7, c8)));
  if (!v128.any_true(any)) return;
  for (; lit; lit &= lit - 1) {
    const sums = blockSums + <usize>ctz(lit) * sumBytes;
    addChange<V, N1>(sums, c1, weight);
    addChange<V, N2>(sums, c2, weight);
    addChange<V, N3>(sums, c3, weight);
    addChange<V, N4>(sums, c4, weight);
    addChange<V, N5>(sums, c5, weight);
    addChange<V, N6>(sums, c6, weight);
    addChange<V, N7>(sums, c7, weight);
    addChange<V, N8>(sums, c8, weight);
  }
}

function rewriteAndSpread<V>(shard: usize, rows: usize, heavy: bool, count: i32): void {
  const bits = <usize>load<u32>(shard, SHARD_BLOCK_BITS) + <usize>(block * load<i32>(shard, SHARD_ROWS)) * 8;
  const rowWeights: usize = load<u32>(shard, SHARD_WEIGHTS);
  const saved = toCome + SAVED_AT;
  for (let start = 0; start < count; start += SAVED_ROWS) {
    const list = batch + (<usize>start << 1);
    const some = min(SAVED_ROWS, count - start);
    for (let i = 0; i < some; i++) {
      const n = <i32>load<u16>(list + (<usize>i << 1));
      save<V>(rows + <usize>(n * stride), saved + <usize>(i * SAVED_BYTES));
    }
    rewriteRows(rows, list, some);
    for (let i = 0; i < some; i++) {
      const n = <i32>load<u16>(list + (<usize>i << 1));
      const lit = load<u64>(bits + (<usize>n << 3)) & changing;
      const weight = heavy ? load<i32>(rowWeights + (<usize>n << 2)) : 1;
      if (lit) spread<V>(rows + <usize>(n * stride), saved + <usize>(i * SAVED_BYTES), lit, weight);
    }
  }
}

/** Rewrites the first rows of the batch and adds their changes to the block's sums. */
export function rewriteInBlock(shard: usize, rows: usize, heavy: bool, count: i32): void {
  switch (vectors()) {
    case 1: return rewriteAndSpread<N1>(shard, rows, heavy, count);
    case 2: return rewriteAndSpread<N2>(shard, rows, heavy, count);
    case 3: return rewriteAndSpread<N3>(shard, rows, heavy, count);
    case 4: return rewriteAndSpread<N4>(shard, rows, heavy, count);
    case 5: return rewriteAndSpread<N5>(shard, rows, heavy, count);
    case 6: return rewriteAndSpread<N6>(shard, rows, heavy, count);
    case 7: return rewriteAndSpread<N7>(shard, rows, heavy, count);
    default: return rewriteAndSpread<N8>(shard, rows, heavy, count);
  }
}
