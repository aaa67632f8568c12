/**
 * Sums of table rows over a list of rows: 16-bit lanes for 15 rows, then 32-bit ones. Every V below is the number of
 * vectors that hold the 2K lanes; the lanes behind them are sums of whatever follows in a row and are never read.
 */
import { GROUP_ROWS } from '../layout';
import { classes, stride } from './context';

@inline
function gather(V: i32, v: i32, s: v128, p: usize): v128 {
  return v < V ? i16x8.add(s, v128.load(p + (<usize>v << 4))) : s;
}

@inline
function widen(V: i32, v: i32, sign: i32, out: usize, s: v128): void {
  if (v >= V) return;
  const low = out + (<usize>v << 5);
  if (sign > 0) {
    v128.store(low, i32x4.add(v128.load(low), i32x4.extend_low_i16x8_u(s)));
    v128.store(low, i32x4.add(v128.load(low, 16), i32x4.extend_high_i16x8_u(s)), 16);
  } else {
    v128.store(low, i32x4.sub(v128.load(low), i32x4.extend_low_i16x8_u(s)));
    v128.store(low, i32x4.sub(v128.load(low, 16), i32x4.extend_high_i16x8_u(s)), 16);
  }
}

/** Adds (sign 1) or takes off (sign -1) the rows of a list of u16 numbers, all of weight 1. */
@inline
function sumRows(V: i32, sign: i32, out: usize, base: usize, list: usize, count: i32): void {
  const step = stride;
  while (count > 0) {
    let left = count < GROUP_ROWS ? count : GROUP_ROWS;
    count -= left;
    let s0 = i16x8.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (; left > 0; left--, list += 2) {
      const p = base + <usize>(<i32>load<u16>(list) * step);
      s0 = gather(V, 0, s0, p);
      s1 = gather(V, 1, s1, p);
      s2 = gather(V, 2, s2, p);
      s3 = gather(V, 3, s3, p);
      s4 = gather(V, 4, s4, p);
      s5 = gather(V, 5, s5, p);
      s6 = gather(V, 6, s6, p);
      s7 = gather(V, 7, s7, p);
    }
    widen(V, 0, sign, out, s0);
    widen(V, 1, sign, out, s1);
    widen(V, 2, sign, out, s2);
    widen(V, 3, sign, out, s3);
    widen(V, 4, sign, out, s4);
    widen(V, 5, sign, out, s5);
    widen(V, 6, sign, out, s6);
    widen(V, 7, sign, out, s7);
  }
}

/** Vectors that hold the 2K lanes. */
@inline
function vectors(): i32 {
  return (classes + 3) >> 2;
}

/** Adds (sign 1) or takes off (sign -1) rows of weight 1. */
export function addLight(sign: i32, out: usize, base: usize, list: usize, count: i32): void {
  if (sign > 0) {
    switch (vectors()) {
      case 1: return sumRows(1, 1, out, base, list, count);
      case 2: return sumRows(2, 1, out, base, list, count);
      case 3: return sumRows(3, 1, out, base, list, count);
      case 4: return sumRows(4, 1, out, base, list, count);
      case 5: return sumRows(5, 1, out, base, list, count);
      case 6: return sumRows(6, 1, out, base, list, count);
      case 7: return sumRows(7, 1, out, base, list, count);
      default: return sumRows(8, 1, out, base, list, count);
    }
  }
  switch (vectors()) {
    case 1: return sumRows(1, -1, out, base, list, count);
    case 2: return sumRows(2, -1, out, base, list, count);
    case 3: return sumRows(3, -1, out, base, list, count);
    case 4: return sumRows(4, -1, out, base, list, count);
    case 5: return sumRows(5, -1, out, base, list, count);
    case 6: return sumRows(6, -1, out, base, list, count);
    case 7: return sumRows(7, -1, out, base, list, count);
    default: return sumRows(8, -1, out, base, list, count);
  }
}

/** Adds (sign 1) or takes off (sign -1) rows that carry weights: 32 bits from the start. */
export function addHeavy(sign: i32, out: usize, base: usize, list: usize, count: i32, rowWeights: usize): void {
  const end = vectors() << 4;
  for (let i = 0; i < count; i++, list += 2) {
    const n = <usize>load<u16>(list);
    const p = base + n * stride;
    const weight = i32x4.splat(sign * load<i32>(rowWeights + (n << 2)));
    for (let v = 0; v < end; v += 16) {
      const row = v128.load(p + v);
      const low = out + (<usize>v << 1);
      v128.store(low, i32x4.add(v128.load(low), i32x4.mul(weight, i32x4.extend_low_i16x8_u(row))));
      v128.store(low, i32x4.add(v128.load(low, 16), i32x4.mul(weight, i32x4.extend_high_i16x8_u(row))), 16);
    }
  }
}
