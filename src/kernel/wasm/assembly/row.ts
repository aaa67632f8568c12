/**
 * An image's row: up[K], down[K], logits[K], max, g, each an int16, where lse = 4096 max + g and both flip entries are
 * magnitudes, 0 .. 4096. K = 10 fills one cache line.
 *
 * Rows are rewritten often, so the code is straight: it is compiled for each number of classes C (see static.ts), in
 * groups of 8 classes that begin with class G.
 */
import { classes, scratch, stride } from './context';
import {
  N0, N2, N3, N4, N5, N6, N7, N8, N9, N10, N11, N12, N13, N14, N15, N16, N17, N18, N19, N20, N21, N22, N23, N24, N25,
  N26, N27, N28, N29, N30, N31, N32,
} from './static';
import { E_AT, LN_AT, SCRATCH_MEASURED, STEPS_AT } from '../layout';

/** Distances are cut off here: from 15 on, raising or lowering a class by 1 changes nothing. */
const FAR: i32 = 15;

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

@inline
function entryAt(offset: usize): v128 {
  return v128.load(<usize>load<u8>(offset), E_AT);
}

/** Sum of the table entries of up to 8 classes whose scaled distances lie at `at`. */
@inline
function addEntries<C, G>(acc: v128, at: usize): v128 {
  if (offsetof<C>() > offsetof<G>()) acc = i32x4.add(acc, entryAt(at + offsetof<G>()));
  if (offsetof<C>() > offsetof<G>() + 1) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 1));
  if (offsetof<C>() > offsetof<G>() + 2) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 2));
  if (offsetof<C>() > offsetof<G>() + 3) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 3));
  if (offsetof<C>() > offsetof<G>() + 4) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 4));
  if (offsetof<C>() > offsetof<G>() + 5) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 5));
  if (offsetof<C>() > offsetof<G>() + 6) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 6));
  if (offsetof<C>() > offsetof<G>() + 7) acc = i32x4.add(acc, entryAt(at + offsetof<G>() + 7));
  return acc;
}

/** Offsets in LN of four sums. */
@inline
function storeOffsets(out: usize, sums: v128): void {
  v128.store(out, v128.and(i32x4.shr_u(sums, 5), i32x4.splat(~1)));
}

/**
 * Offsets of the logarithms of 16 classes' new sums, as many as there are classes from H on: by how much a class's
 * step changes the sum is looked up by distance, a byte at a time.
 */
@inline
function offsetsOf16<C, H>(sign: i32, steps: usize, q: v128, sum: v128, out: usize): void {
  const zero = i32x4.splat(0);
  const byte0 = i8x16.swizzle(v128.load(steps), q);
  const byte1 = i8x16.swizzle(v128.load(steps, 16), q);
  const byte2 = i8x16.swizzle(v128.load(steps, 32), q);
  let low = i8x16.shuffle(byte0, byte1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  let high = i8x16.shuffle(byte2, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  let step = i8x16.shuffle(low, high, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  storeOffsets(out, sign > 0 ? i32x4.add(sum, step) : i32x4.sub(sum, step));
  if (offsetof<C>() > offsetof<H>() + 4) {
    step = i8x16.shuffle(low, high, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    storeOffsets(out + 16, sign > 0 ? i32x4.add(sum, step) : i32x4.sub(sum, step));
  }
  if (offsetof<C>() > offsetof<H>() + 8) {
    low = i8x16.shuffle(byte0, byte1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    high = i8x16.shuffle(byte2, zero, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    step = i8x16.shuffle(low, high, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    storeOffsets(out + 32, sign > 0 ? i32x4.add(sum, step) : i32x4.sub(sum, step));
  }
  if (offsetof<C>() > offsetof<H>() + 12) {
    step = i8x16.shuffle(low, high, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    storeOffsets(out + 48, sign > 0 ? i32x4.add(sum, step) : i32x4.sub(sum, step));
  }
}

/** The logarithms of up to 8 classes, whose offsets lie at `at`. */
@inline
function logarithms<C, G>(at: usize): v128 {
  const from = at + (offsetof<G>() << 2);
  let v = v128.load16_splat(<usize>load<u32>(from), LN_AT);
  if (offsetof<C>() > offsetof<G>() + 1) v = v128.load16_lane(<usize>load<u32>(from, 4), v, 1, LN_AT);
  if (offsetof<C>() > offsetof<G>() + 2) v = v128.load16_lane(<usize>load<u32>(from, 8), v, 2, LN_AT);
  if (offsetof<C>() > offsetof<G>() + 3) v = v128.load16_lane(<usize>load<u32>(from, 12), v, 3, LN_AT);
  if (offsetof<C>() > offsetof<G>() + 4) v = v128.load16_lane(<usize>load<u32>(from, 16), v, 4, LN_AT);
  if (offsetof<C>() > offsetof<G>() + 5) v = v128.load16_lane(<usize>load<u32>(from, 20), v, 5, LN_AT);
  if (offsetof<C>() > offsetof<G>() + 6) v = v128.load16_lane(<usize>load<u32>(from, 24), v, 6, LN_AT);
  if (offsetof<C>() > offsetof<G>() + 7) v = v128.load16_lane(<usize>load<u32>(from, 28), v, 7, LN_AT);
  return v;
}

/** up = LN[..] - g, which is 0 for the classes at the maximum so far: they get `ofMax`. */
@inline
function storeUp<C, G>(p: usize, at: usize, isMax: v128, g: v128, ofMax: v128): void {
  const entries = i16x8.sub(logarithms<C, G>(at), g);
  v128.store(p, v128.or(entries, v128.and(ofMax, isMax)), offsetof<G>() << 1);
}

/** down = g - LN[..], likewise. */
@inline
function storeDown<C, G>(p: usize, at: usize, isMax: v128, g: v128, ofMax: v128): void {
  const entries = i16x8.sub(g, logarithms<C, G>(at + 128));
  v128.store(p, v128.or(entries, v128.and(ofMax, isMax)), (offsetof<C>() << 1) + (offsetof<G>() << 1));
}

/** First half of a row's rewriting: its maximum, and 16 times its classes' distances, into 32 bytes at `at`. */
@inline
function measure<C>(p: usize, at: usize): void {
  const z = p + (offsetof<C>() << 2);
  const m = maxOf<C>(z);
  v128.store(at, i16x8.shl(distances(z, m), 4));
  if (offsetof<C>() > 16) v128.store(at, i16x8.shl(distances(z + 32, m), 4), 16);
  v128.store16_lane(z, m, 0, offsetof<C>() << 1);
}

/** Sum of the table entries of all classes. */
@inline
function entries<C>(at: usize): v128 {
  let acc = addEntries<C, N0>(i32x4.splat(0), at);
  if (offsetof<C>() > 8) acc = i32x4.add(acc, addEntries<C, N8>(i32x4.splat(0), at));
  if (offsetof<C>() > 16) acc = i32x4.add(acc, addEntries<C, N16>(i32x4.splat(0), at));
  if (offsetof<C>() > 24) acc = i32x4.add(acc, addEntries<C, N24>(i32x4.splat(0), at));
  return acc;
}

/** Second half: g and both flip entries of every class, from what `measure` left at `at`. */
@inline
function finish<C>(p: usize, at: usize, offsets: usize): void {
  const z = p + (offsetof<C>() << 2);
  const acc = entries<C>(at);
  const sum = i32x4.extract_lane(acc, 0);
  const alone = i32x4.extract_lane(acc, 3) == 1;
  const e0 = load<i32>(E_AT);
  const e1 = load<i32>(E_AT, 4);
  const g = ln(sum);
  const upOfMax = i16x8.splat(<i16>(ln(i32x4.extract_lane(acc, 1) - e1 + e0) + 4096 - g));
  const lowered = alone ? i32x4.extract_lane(acc, 2) + e0 : sum - e0 + e1;
  const downOfMax = i16x8.splat(<i16>((alone ? 4096 : 0) + g - ln(lowered)));

  const zero = i32x4.splat(0);
  const sums = i32x4.shuffle(acc, acc, 0, 0, 0, 0);
  const q = v128.load(at);
  const isMax = i8x16.eq(q, zero);
  offsetsOf16<C, N0>(1, STEPS_AT, i16x8.shr_u(q, 4), sums, offsets);
  offsetsOf16<C, N0>(-1, STEPS_AT + 48, i16x8.shr_u(q, 4), sums, offsets + 128);
  let isMax2 = isMax;
  if (offsetof<C>() > 16) {
    const q2 = v128.load(at, 16);
    isMax2 = i8x16.eq(q2, zero);
    offsetsOf16<C, N16>(1, STEPS_AT, i16x8.shr_u(q2, 4), sums, offsets + 64);
    offsetsOf16<C, N16>(-1, STEPS_AT + 48, i16x8.shr_u(q2, 4), sums, offsets + 192);
  }
  const max0 = i16x8.extend_low_i8x16_s(isMax);
  const max1 = i16x8.extend_high_i8x16_s(isMax);
  const max2 = i16x8.extend_low_i8x16_s(isMax2);
  const max3 = i16x8.extend_high_i8x16_s(isMax2);
  // Whole vectors, in ascending order: each overwrites what the one before wrote too far, and the logits come last.
  const z0 = v128.load(z);
  const gs = i16x8.splat(<i16>g);
  storeUp<C, N0>(p, offsets, max0, gs, upOfMax);
  if (offsetof<C>() > 8) storeUp<C, N8>(p, offsets, max1, gs, upOfMax);
  if (offsetof<C>() > 16) storeUp<C, N16>(p, offsets, max2, gs, upOfMax);
  if (offsetof<C>() > 24) storeUp<C, N24>(p, offsets, max3, gs, upOfMax);
  storeDown<C, N0>(p, offsets, max0, gs, downOfMax);
  if (offsetof<C>() > 8) storeDown<C, N8>(p, offsets, max1, gs, downOfMax);
  if (offsetof<C>() > 16) storeDown<C, N16>(p, offsets, max2, gs, downOfMax);
  if (offsetof<C>() > 24) storeDown<C, N24>(p, offsets, max3, gs, downOfMax);
  v128.store(z, z0);
  store<i16>(z, <i16>g, (offsetof<C>() << 1) + 2);
}

/** All rows are measured before any is finished: short chains of dependent steps, many rows under way at once. */
function rewriteAll<C>(rows: usize, list: usize, count: i32): void {
  const step = stride;
  const measured = scratch + SCRATCH_MEASURED;
  for (let i = 0; i < count; i++) {
    const n = <i32>load<u16>(list + (<usize>i << 1));
    measure<C>(rows + <usize>(n * step), measured + (<usize>i << 5));
  }
  const offsets = scratch;
  for (let i = 0; i < count; i++) {
    const n = <i32>load<u16>(list + (<usize>i << 1));
    finish<C>(rows + <usize>(n * step), measured + (<usize>i << 5), offsets);
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
  return ((ofLabel - <i32>load<i16>(end)) << 12) - <i32>load<i16>(end, 2);
}
