/**
 * An image's row: up[K], down[K], logits[K], g, each an int16. Logits are less the largest one, where lse = 4096 max + g:
 * entries and likelihoods depend on nothing else, so that a move of all classes changes no row. Both flip entries are
 * magnitudes, 0 .. 4096. K = 10 fills one cache line.
 *
 * Rows are rewritten often, so the code is straight: it is compiled for each number of classes C (see static.ts), in
 * groups of 8 classes that begin with class G.
 */
import { cells, classes, scratch, stride } from './context';
import {
  N0, N1, N2, N3, N4, N5, N6, N7, N8, N9, N10, N11, N12, N13, N14, N15, N16, N17, N18, N19, N20, N21, N22, N23, N24, N25,
  N26, N27, N28, N29, N30, N31, N32,
} from './static';
import { CELL_HIGH, E_AT, LN_AT, LOWERED_AT, LOWERED_ENTRIES, RAISED_AT, SMALL_STEP } from '../layout';

/** Distances are cut off here: from 15 on, raising or lowering a class by 1 changes nothing. */
const FAR: i32 = 15;
/** E[0] and E[1]. */
const E0: i32 = 262144;
const E1: i32 = 96437;

@inline
function ln(sum: i32): i32 {
  return load<i16>((<u32>sum >> 6) << 1, LN_AT);
}

/** The largest lane, in every lane. */
@inline
function horizontalMax(v: v128): v128 {
  let m = i16x8.max_s(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  m = i16x8.max_s(m, i8x16.shuffle(m, m, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  return i16x8.max_s(m, i8x16.shuffle(m, m, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

/** The first 8 logits, or with fewer classes those there are, some twice. */
@inline
function firstLogits<C>(z: usize): v128 {
  const v = v128.load(z);
  if (offsetof<C>() == 2) return i8x16.shuffle(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
  if (offsetof<C>() == 3) return i8x16.shuffle(v, v, 0, 1, 2, 3, 4, 5, 4, 5, 0, 1, 2, 3, 4, 5, 4, 5);
  if (offsetof<C>() == 4) return i8x16.shuffle(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
  if (offsetof<C>() == 5) return i8x16.shuffle(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6, 7);
  if (offsetof<C>() == 6) return i8x16.shuffle(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 4, 5, 6, 7);
  if (offsetof<C>() == 7) return i8x16.shuffle(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 6, 7);
  return v;
}

@inline
function maxOf<C>(z: usize): v128 {
  let v = firstLogits<C>(z);
  if (offsetof<C>() > 8) v = i16x8.max_s(v, v128.load(z, (offsetof<C>() << 1) - 16));
  if (offsetof<C>() > 16) v = i16x8.max_s(v, v128.load(z, 16));
  if (offsetof<C>() > 24) v = i16x8.max_s(v, v128.load(z, 32));
  return horizontalMax(v);
}

/** Distances of 16 classes from the maximum, cut off at FAR, one byte each. */
@inline
function distances(z: usize, m: v128): v128 {
  const q = i8x16.narrow_i16x8_u(i16x8.sub(m, v128.load(z)), i16x8.sub(m, v128.load(z, 16)));
  return i8x16.min_u(q, i8x16.splat(<i8>FAR));
}

/** Table entries of classes 2 PAIR and 2 PAIR + 1, whose place in the table lies at `places`. */
@inline
function addPair<C, P>(acc: v128, places: usize): v128 {
  if (offsetof<C>() <= 2 * offsetof<P>()) return acc;
  return i32x4.add(acc, v128.load(<usize>load<u16>(places + (offsetof<P>() << 1)), E_AT));
}

/** Stores entries of up to 16 classes from H on: bytes out of a cell, and one more where `more` says so. */
@inline
function storeEntries<C, H>(to: usize, low: v128, high: v128, more: v128): void {
  const bytes = v128.and(high, i8x16.splat(<i8>CELL_HIGH));
  const first = i16x8.sub(
    i8x16.shuffle(low, bytes, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
    i8x16.shuffle(more, more, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7),
  );
  v128.store(to, first, offsetof<H>() << 1);
  if (offsetof<C>() <= offsetof<H>() + 8) return;
  const second = i16x8.sub(
    i8x16.shuffle(low, bytes, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    i8x16.shuffle(more, more, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15),
  );
  v128.store(to, second, (offsetof<H>() << 1) + 16);
}

/** Stores the up entries of up to 16 classes from H on, at distances q. @param rest the sum's 6 lowest bits */
@inline
function storeUp<C, H>(p: usize, q: v128, low: v128, high: v128, rest: v128): void {
  const at = i8x16.min_u(q, i8x16.splat(<i8>SMALL_STEP));
  const highs = i8x16.swizzle(high, at);
  const carry = i8x16.gt_s(i8x16.add(i8x16.swizzle(v128.load(RAISED_AT), q), rest), i8x16.splat(63));
  const more = i8x16.lt_s(v128.and(highs, carry), i8x16.splat(0));
  storeEntries<C, H>(p, i8x16.swizzle(low, at), highs, more);
}

/** The down entries, likewise. */
@inline
function storeDown<C, H>(p: usize, q: v128, low: v128, high: v128, rest: v128): void {
  const from = i8x16.max_u(i8x16.sub(i8x16.splat(<i8>LOWERED_ENTRIES), q), i8x16.splat(<i8>SMALL_STEP));
  const at = v128.and(from, i8x16.splat(15));
  const highs = i8x16.swizzle(high, at);
  const borrow = i8x16.gt_s(i8x16.swizzle(v128.load(LOWERED_AT), q), rest);
  const more = i8x16.lt_s(v128.and(i8x16.add(highs, highs), borrow), i8x16.splat(0));
  storeEntries<C, H>(p + (offsetof<C>() << 1), i8x16.swizzle(low, at), highs, more);
}

/** 15 in the lane behind the last class, where it is one of the 16 from H on. */
@inline
function paddingOf<C, H>(): v128 {
  const lane = <i32>offsetof<C>() - <i32>offsetof<H>();
  const first = lane < 8 ? <i64>15 << (8 * lane) : 0;
  const second = lane >= 8 && lane < 16 ? <i64>15 << (8 * (lane - 8)) : 0;
  return i64x2.replace_lane(i64x2.splat(first), 1, second);
}

/** Puts the distances of 16 classes from H on, and where pairs of them lie in the table, into a row's scratch. */
@inline
function storeDistances<C, H>(at: usize, z: usize, m: v128): void {
  let q = distances(z + (offsetof<H>() << 1), m);
  // What lies behind an odd number of classes belongs to none.
  if (offsetof<C>() & 1) q = v128.or(q, paddingOf<C, H>());
  v128.store(at, q, offsetof<H>());
  const pairs = v128.or(v128.and(i16x8.shl(q, 4), i16x8.splat(0x00f0)), v128.and(q, i16x8.splat(0x0f00)));
  v128.store(at, pairs, 32 + offsetof<H>());
}

/** Takes m off the logits of up to 8 classes from H on; what lies behind them stays as it is. */
@inline
function lower<C, H>(z: usize, m: v128): void {
  if (offsetof<C>() <= offsetof<H>()) return;
  const some = i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>(offsetof<C>() - offsetof<H>())));
  const from = offsetof<H>() << 1;
  v128.store(z, i16x8.sub(v128.load(z, from), v128.and(m, some)), from);
}

/** First part of a row's rewriting: its classes' distances from the largest logit, which becomes 0. */
@inline
function measure<C>(p: usize, at: usize): void {
  const z = p + (offsetof<C>() << 2);
  const m = maxOf<C>(z);
  storeDistances<C, N0>(at, z, m);
  if (offsetof<C>() > 16) storeDistances<C, N16>(at, z, m);
  lower<C, N0>(z, m);
  lower<C, N8>(z, m);
  lower<C, N16>(z, m);
  lower<C, N24>(z, m);
}

/**
 * Sum of the table entries of all classes, and what it becomes when a class at the maximum is raised; when it is lowered
 * from there, if it was alone, and how many are there less 1.
 */
@inline
function entries<C>(places: usize): v128 {
  let acc = i32x4(0, E0 - E1, E0, -1);
  acc = addPair<C, N0>(acc, places);
  acc = addPair<C, N1>(acc, places);
  acc = addPair<C, N2>(acc, places);
  acc = addPair<C, N3>(acc, places);
  acc = addPair<C, N4>(acc, places);
  acc = addPair<C, N5>(acc, places);
  acc = addPair<C, N6>(acc, places);
  acc = addPair<C, N7>(acc, places);
  acc = addPair<C, N8>(acc, places);
  acc = addPair<C, N9>(acc, places);
  acc = addPair<C, N10>(acc, places);
  acc = addPair<C, N11>(acc, places);
  acc = addPair<C, N12>(acc, places);
  acc = addPair<C, N13>(acc, places);
  acc = addPair<C, N14>(acc, places);
  return addPair<C, N15>(acc, places);
}

/** Second part: the four totals take the place of what they were looked up by. */
@inline
function total<C>(at: usize): void {
  v128.store(at, entries<C>(at + 32), 32);
}

/** Last part: g and both flip entries of every class, from what the others left at `at`. */
@inline
function finish<C>(p: usize, at: usize): void {
  const z = p + (offsetof<C>() << 2);
  const sum = load<i32>(at, 32);
  const alone = load<i32>(at, 44) == 0;
  const g = ln(sum);
  const upOfMax = ln(load<i32>(at, 36)) + 4096 - g;
  const lowered = alone ? load<i32>(at, 40) : sum - E0 + E1;
  const downOfMax = (alone ? 4096 : 0) + g - ln(lowered);

  // The entries of classes at the maximum take the places of ones that are not asked for in their direction.
  const cell = cells + (<usize>(sum >> 6) << 5);
  const low = v128.load(cell);
  const high = v128.load(cell, 16);
  const lowUp = i8x16.replace_lane(low, 0, <i8>upOfMax);
  const highUp = i8x16.replace_lane(high, 0, <i8>(upOfMax >> 8));
  const lowDown = i8x16.replace_lane(low, 1, <i8>downOfMax);
  const highDown = i8x16.replace_lane(high, 1, <i8>(downOfMax >> 8));
  const rest = i8x16.splat(<i8>(sum & 63));
  const z0 = v128.load(z);
  const q = v128.load(at);
  // Whole vectors, in ascending order: each overwrites what the one before wrote too far, and the logits come last.
  storeUp<C, N0>(p, q, lowUp, highUp, rest);
  if (offsetof<C>() > 16) {
    const q2 = v128.load(at, 16);
    storeUp<C, N16>(p, q2, lowUp, highUp, rest);
    storeDown<C, N0>(p, q, lowDown, highDown, rest);
    storeDown<C, N16>(p, q2, lowDown, highDown, rest);
  } else {
    storeDown<C, N0>(p, q, lowDown, highDown, rest);
  }
  v128.store(z, z0);
  store<i16>(z, <i16>g, offsetof<C>() << 1);
}

/** Each part for all rows before the next one: short chains of dependent steps, many rows under way at once. */
function rewriteAll<C>(rows: usize, list: usize, count: i32): void {
  const step = stride;
  const measured = scratch;
  for (let i = 0; i < count; i++) {
    const n = <i32>load<u16>(list + (<usize>i << 1));
    measure<C>(rows + <usize>(n * step), measured + (<usize>i << 6));
  }
  for (let i = 0; i < count; i++) total<C>(measured + (<usize>i << 6));
  for (let i = 0; i < count; i++) {
    const n = <i32>load<u16>(list + (<usize>i << 1));
    finish<C>(rows + <usize>(n * step), measured + (<usize>i << 6));
  }
}

/** Rewrites the rows of a list of at most BATCH_ROWS u16 numbers. */
export function rewriteRows(rows: usize, list: usize, count: i32): void {
  switch (classes) {
    case 2: return rewriteAll<N2>(rows, list, count);
    case 3: return rewriteAll<N3>(rows, list, count);
    case 4: return rewriteAll<N4>(rows, list, count);
    case 5: return rewriteAll<N5>(rows, list, count);
    case 6: return rewriteAll<N6>(rows, list, count);
    case 7: return rewriteAll<N7>(rows, list, count);
    case 8: return rewriteAll<N8>(rows, list, count);
    case 9: return rewriteAll<N9>(rows, list, count);
    case 10: return rewriteAll<N10>(rows, list, count);
    case 11: return rewriteAll<N11>(rows, list, count);
    case 12: return rewriteAll<N12>(rows, list, count);
    case 13: return rewriteAll<N13>(rows, list, count);
    case 14: return rewriteAll<N14>(rows, list, count);
    case 15: return rewriteAll<N15>(rows, list, count);
    case 16: return rewriteAll<N16>(rows, list, count);
    case 17: return rewriteAll<N17>(rows, list, count);
    case 18: return rewriteAll<N18>(rows, list, count);
    case 19: return rewriteAll<N19>(rows, list, count);
    case 20: return rewriteAll<N20>(rows, list, count);
    case 21: return rewriteAll<N21>(rows, list, count);
    case 22: return rewriteAll<N22>(rows, list, count);
    case 23: return rewriteAll<N23>(rows, list, count);
    case 24: return rewriteAll<N24>(rows, list, count);
    case 25: return rewriteAll<N25>(rows, list, count);
    case 26: return rewriteAll<N26>(rows, list, count);
    case 27: return rewriteAll<N27>(rows, list, count);
    case 28: return rewriteAll<N28>(rows, list, count);
    case 29: return rewriteAll<N29>(rows, list, count);
    case 30: return rewriteAll<N30>(rows, list, count);
    case 31: return rewriteAll<N31>(rows, list, count);
    default: return rewriteAll<N32>(rows, list, count);
  }
}

/** 4096 z_y - lse of a row. */
@inline
export function rowLogLikQ(p: usize, label: i32): i32 {
  const z = p + (<usize>classes << 2);
  const end = z + (<usize>classes << 1);
  const ofLabel: i32 = load<i16>(z + (<usize>label << 1));
  return (ofLabel << 12) - <i32>load<i16>(end);
}
