/**
 * Sums of table rows over lists of rows: in 16-bit lanes for 15 rows, then in 32-bit ones. Lanes behind the 2K of the
 * table are sums of whatever follows in a row; nobody reads them.
 *
 * The inner function is compiled for each number V of vectors that a row's table has, see static.ts.
 */
import { GROUP_ROWS } from '../layout';
import { stride, vectors } from './context';
import { N1, N2, N3, N4, N5, N6, N7, N8 } from './static';

/** Adds eight 16-bit lanes, or takes them off, from eight 32-bit ones. */
@inline
export function widen(sign: i32, out: usize, s: v128): void {
  const low = i32x4.extend_low_i16x8_u(s);
  const high = i32x4.extend_high_i16x8_u(s);
  v128.store(out, sign > 0 ? i32x4.add(v128.load(out), low) : i32x4.sub(v128.load(out), low));
  v128.store(out, sign > 0 ? i32x4.add(v128.load(out, 16), high) : i32x4.sub(v128.load(out, 16), high), 16);
}

function sumRows<V>(sign: i32, out: usize, base: usize, list: usize, count: i32): void {
  const step = stride;
  const zero = i16x8.splat(0);
  let p: usize;
  while (count > 0) {
    let left = count < GROUP_ROWS ? count : GROUP_ROWS;
    count -= left;
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let s4 = zero;
    let s5 = zero;
    let s6 = zero;
    let s7 = zero;
    for (; left >= 5; left -= 5, list += 10) {
      p = base + <usize>(<i32>load<u16>(list) * step);
      s0 = i16x8.add(s0, v128.load(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load(p, 16));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load(p, 32));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load(p, 48));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load(p, 64));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load(p, 80));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load(p, 96));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load(p, 112));
      p = base + <usize>(<i32>load<u16>(list, 2) * step);
      s0 = i16x8.add(s0, v128.load(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load(p, 16));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load(p, 32));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load(p, 48));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load(p, 64));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load(p, 80));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load(p, 96));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load(p, 112));
      p = base + <usize>(<i32>load<u16>(list, 4) * step);
      s0 = i16x8.add(s0, v128.load(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load(p, 16));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load(p, 32));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load(p, 48));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load(p, 64));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load(p, 80));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load(p, 96));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load(p, 112));
      p = base + <usize>(<i32>load<u16>(list, 6) * step);
      s0 = i16x8.add(s0, v128.load(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load(p, 16));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load(p, 32));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load(p, 48));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load(p, 64));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load(p, 80));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load(p, 96));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load(p, 112));
      p = base + <usize>(<i32>load<u16>(list, 8) * step);
      s0 = i16x8.add(s0, v128.load(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load(p, 16));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load(p, 32));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load(p, 48));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load(p, 64));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load(p, 80));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load(p, 96));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load(p, 112));
    }
    for (; left > 0; left--, list += 2) {
      p = base + <usize>(<i32>load<u16>(list) * step);
      s0 = i16x8.add(s0, v128.load(p));
      if (offsetof<V>() > 1) s1 = i16x8.add(s1, v128.load(p, 16));
      if (offsetof<V>() > 2) s2 = i16x8.add(s2, v128.load(p, 32));
      if (offsetof<V>() > 3) s3 = i16x8.add(s3, v128.load(p, 48));
      if (offsetof<V>() > 4) s4 = i16x8.add(s4, v128.load(p, 64));
      if (offsetof<V>() > 5) s5 = i16x8.add(s5, v128.load(p, 80));
      if (offsetof<V>() > 6) s6 = i16x8.add(s6, v128.load(p, 96));
      if (offsetof<V>() > 7) s7 = i16x8.add(s7, v128.load(p, 112));
    }
    widen(sign, out, s0);
    if (offsetof<V>() > 1) widen(sign, out + 32, s1);
    if (offsetof<V>() > 2) widen(sign, out + 64, s2);
    if (offsetof<V>() > 3) widen(sign, out + 96, s3);
    if (offsetof<V>() > 4) widen(sign, out + 128, s4);
    if (offsetof<V>() > 5) widen(sign, out + 160, s5);
    if (offsetof<V>() > 6) widen(sign, out + 192, s6);
    if (offsetof<V>() > 7) widen(sign, out + 224, s7);
  }
}

/** Adds (sign 1) or takes off (sign -1) rows of weight 1. */
export function addLight(sign: i32, out: usize, base: usize, list: usize, count: i32): void {
  switch (vectors()) {
    case 1: return sumRows<N1>(sign, out, base, list, count);
    case 2: return sumRows<N2>(sign, out, base, list, count);
    case 3: return sumRows<N3>(sign, out, base, list, count);
    case 4: return sumRows<N4>(sign, out, base, list, count);
    case 5: return sumRows<N5>(sign, out, base, list, count);
    case 6: return sumRows<N6>(sign, out, base, list, count);
    case 7: return sumRows<N7>(sign, out, base, list, count);
    default: return sumRows<N8>(sign, out, base, list, count);
  }
}

/** Adds (sign 1) or takes off (sign -1) rows that carry weights: 32 bits from the start, a vector at a time. */
export function addHeavy(sign: i32, out: usize, base: usize, list: usize, count: i32, rowWeights: usize): void {
  const step = stride;
  const end = list + (<usize>count << 1);
  const bytes = vectors() << 4;
  for (let v = 0; v < bytes; v += 16, out += 32) {
    let low = v128.load(out);
    let high = v128.load(out, 16);
    for (let at = list; at < end; at += 2) {
      const n: i32 = load<u16>(at);
      const row = v128.load(base + <usize>(n * step + v));
      const weight = i32x4.splat(sign * load<i32>(rowWeights + (<usize>n << 2)));
      low = i32x4.add(low, i32x4.mul(weight, i32x4.extend_low_i16x8_u(row)));
      high = i32x4.add(high, i32x4.mul(weight, i32x4.extend_high_i16x8_u(row)));
    }
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}
