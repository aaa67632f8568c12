/**
 * Rows of bytes, one for each entry of a row of the flip table: an up entry in 16ths rounded down, a down entry in 16ths
 * rounded up. Bytes behind the 2K are of whatever follows; nobody reads their sums.
 */
import { classes, stride, vectors } from './context';
import { N1, N2, N3, N4, N5, N6, N7, N8 } from './static';
import { widen } from './sums';

/** Entries of a row that are one step of a byte. */
export const UNIT_LOG2: i32 = 4;
const ROUND_UP: i16 = 15;
/** The largest byte; a down entry of 4096 would be one more. */
export const MOST: i32 = 255;
/** Sums of as many bytes fit 16 bits. */
const GROUP_ROWS: i32 = 256;

/** Length of a row of bytes. */
@inline
export function bytesOfRow(): i32 {
  return vectors() << 3;
}

/** Two vectors of entries as 16 bytes; what is added before it is cut off rounds up down entries only. */
@inline
function bytesOf(p: usize, rounding: usize, second: usize): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.shr_u(i16x8.add(v128.load(p), v128.load(rounding)), UNIT_LOG2),
    i16x8.shr_u(i16x8.add(v128.load(p + second), v128.load(rounding + second)), UNIT_LOG2),
  );
}

@inline
function makeRow<V>(p: usize, rounding: usize, out: usize): void {
  let at: usize = 0;
  for (; at + 32 <= offsetof<V>() << 4; at += 32) v128.store(out + (at >> 1), bytesOf(p + at, rounding + at, 16));
  if (offsetof<V>() & 1) v128.store64_lane(out + (at >> 1), bytesOf(p + at, rounding + at, 0), 0);
}

/** @param list the rows' u16 numbers, or 0 for the first `count` ones */
function makeRows<V>(rows: usize, rounding: usize, out: usize, list: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const n = list ? <i32>load<u16>(list + (<usize>i << 1)) : i;
    makeRow<V>(rows + <usize>(n * stride), rounding, out + <usize>n * (offsetof<V>() << 3));
  }
}

function sumRows<V>(out: usize, base: usize, list: usize, count: i32): void {
  const zero = i16x8.splat(0);
  let p: usize;
  while (count > 0) {
    let left = min(count, GROUP_ROWS);
    count -= left;
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let s4 = zero;
    let s5 = zero;
    let s6 = zero;
    let s7 = zero;
    for (; left >= 4; left -= 4, list += 8) {
      p = base + <usize>load<u16>(list) * (offsetof<V>() << 3);
      s0 = i16x8.add(s0, v128.load8x8_u(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load8x8_u(p, 8));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load8x8_u(p, 16));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load8x8_u(p, 24));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load8x8_u(p, 32));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load8x8_u(p, 40));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load8x8_u(p, 48));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load8x8_u(p, 56));
      p = base + <usize>load<u16>(list, 2) * (offsetof<V>() << 3);
      s0 = i16x8.add(s0, v128.load8x8_u(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load8x8_u(p, 8));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load8x8_u(p, 16));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load8x8_u(p, 24));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load8x8_u(p, 32));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load8x8_u(p, 40));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load8x8_u(p, 48));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load8x8_u(p, 56));
      p = base + <usize>load<u16>(list, 4) * (offsetof<V>() << 3);
      s0 = i16x8.add(s0, v128.load8x8_u(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load8x8_u(p, 8));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load8x8_u(p, 16));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load8x8_u(p, 24));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load8x8_u(p, 32));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load8x8_u(p, 40));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load8x8_u(p, 48));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load8x8_u(p, 56));
      p = base + <usize>load<u16>(list, 6) * (offsetof<V>() << 3);
      s0 = i16x8.add(s0, v128.load8x8_u(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load8x8_u(p, 8));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load8x8_u(p, 16));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load8x8_u(p, 24));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load8x8_u(p, 32));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load8x8_u(p, 40));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load8x8_u(p, 48));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load8x8_u(p, 56));
    }
    for (; left > 0; left--, list += 2) {
      p = base + <usize>load<u16>(list) * (offsetof<V>() << 3);
      s0 = i16x8.add(s0, v128.load8x8_u(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load8x8_u(p, 8));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load8x8_u(p, 16));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load8x8_u(p, 24));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load8x8_u(p, 32));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load8x8_u(p, 40));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load8x8_u(p, 48));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load8x8_u(p, 56));
    }
    widen(1, out, s0);
    if (offsetof<V>() > 1) widen(1, out + 32, s1);
    if (offsetof<V>() > 2) widen(1, out + 64, s2);
    if (offsetof<V>() > 3) widen(1, out + 96, s3);
    if (offsetof<V>() > 4) widen(1, out + 128, s4);
    if (offsetof<V>() > 5) widen(1, out + 160, s5);
    if (offsetof<V>() > 6) widen(1, out + 192, s6);
    if (offsetof<V>() > 7) widen(1, out + 224, s7);
  }
}

/** i16[8 vectors]: what is added to the entries of a row before bytes are cut off it. */
export function writeRounding(to: usize): void {
  for (let lane = 0; lane < vectors() << 3; lane++) {
    store<i16>(to + (<usize>lane << 1), lane < classes ? 0 : ROUND_UP);
  }
}

/** Writes the bytes of table rows from `out` on: of those in a list of u16 numbers, or if it is 0 of the first ones. */
export function makeBytes(rows: usize, rounding: usize, out: usize, list: usize, count: i32): void {
  switch (vectors()) {
    case 1: return makeRows<N1>(rows, rounding, out, list, count);
    case 2: return makeRows<N2>(rows, rounding, out, list, count);
    case 3: return makeRows<N3>(rows, rounding, out, list, count);
    case 4: return makeRows<N4>(rows, rounding, out, list, count);
    case 5: return makeRows<N5>(rows, rounding, out, list, count);
    case 6: return makeRows<N6>(rows, rounding, out, list, count);
    case 7: return makeRows<N7>(rows, rounding, out, list, count);
    default: return makeRows<N8>(rows, rounding, out, list, count);
  }
}

/** Adds the bytes of a list's rows to 32-bit lanes. */
export function addBytes(out: usize, base: usize, list: usize, count: i32): void {
  switch (vectors()) {
    case 1: return sumRows<N1>(out, base, list, count);
    case 2: return sumRows<N2>(out, base, list, count);
    case 3: return sumRows<N3>(out, base, list, count);
    case 4: return sumRows<N4>(out, base, list, count);
    case 5: return sumRows<N5>(out, base, list, count);
    case 6: return sumRows<N6>(out, base, list, count);
    case 7: return sumRows<N7>(out, base, list, count);
    default: return sumRows<N8>(out, base, list, count);
  }
}
