/**
 * An image's row: up[K], down[K], logits[K], max, g, each an int16, where lse = 4096 max + g and both flip entries are
 * magnitudes, 0 .. 4096. K = 10 fills one cache line.
 */
import { classes, distances, tableE, tableLn } from './context';

/** E is zero from distance 14 on: raising a class 15 or more below the maximum changes nothing. */
const FAR: i32 = 15;

@inline
function ln(sum: i32): i32 {
  return load<i16>(tableLn + ((<u32>sum >> 6) << 1));
}

@inline
function horizontalMax(v: v128): i32 {
  let m = i16x8.max_s(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  m = i16x8.max_s(m, i8x16.shuffle(m, m, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  m = i16x8.max_s(m, i8x16.shuffle(m, m, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  return i16x8.extract_lane_s(m, 0);
}

@inline
function maxOf(K: i32, z: usize): i32 {
  if (K < 8) {
    let m: i32 = load<i16>(z);
    for (let k = 1; k < K; k++) m = max(m, <i32>load<i16>(z + (<usize>k << 1)));
    return m;
  }
  let v = i16x8.max_s(v128.load(z), v128.load(z + (<usize>K << 1) - 16));
  if (K > 16) v = i16x8.max_s(v, v128.load(z, 16));
  if (K > 24) v = i16x8.max_s(v, v128.load(z, 32));
  return horizontalMax(v);
}

/** Distances of 16 classes from the maximum, at most 15, one byte each; returns the mask of those below 15. */
@inline
function nearOf16(z: usize, m: v128, out: usize): i32 {
  const q = i8x16.min_u(
    i8x16.narrow_i16x8_u(i16x8.sub(m, v128.load(z)), i16x8.sub(m, v128.load(z, 16))),
    i8x16.splat(<i8>FAR),
  );
  v128.store(out, q);
  return i8x16.bitmask(i8x16.lt_s(q, i8x16.splat(<i8>FAR)));
}

@inline
function clearTable(K: i32, p: usize): void {
  const zero = i32x4.splat(0);
  const end = p + (<usize>K << 2);
  if (K < 4) {
    store<u64>(p, 0);
    store<u32>(end - 4, 0);
    return;
  }
  for (let at = p; at < end - 16; at += 16) v128.store(at, zero);
  v128.store(end - 16, zero);
}

/** Works out max, g and both flip entries of every class from the logits. Only classes nearer than 15 have any. */
@inline
function rewriteClasses(K: i32, p: usize): void {
  const z = p + (<usize>K << 2);
  const m = maxOf(K, z);
  const splat = i16x8.splat(<i16>m);
  let near = nearOf16(z, splat, distances);
  if (K > 16) near |= nearOf16(z + 32, splat, distances + 16) << 16;
  if (K < 32) near &= (1 << K) - 1;
  let acc = i32x4.splat(0);
  for (let rest = near; rest; rest &= rest - 1) {
    acc = i32x4.add(acc, v128.load(tableE + (<usize>load<u8>(distances + <usize>ctz(rest)) << 4)));
  }
  const S0 = i32x4.extract_lane(acc, 0);
  const E0: i32 = load<i32>(tableE);
  const E1: i32 = load<i32>(tableE, 4);
  const alone = i32x4.extract_lane(acc, 3) == 1;
  const g = ln(S0);
  const upOfMax = ln(i32x4.extract_lane(acc, 1) - E1 + E0) + 4096 - g;
  const downOfMax = (alone ? 4096 : 0) + g - ln(alone ? i32x4.extract_lane(acc, 2) + E0 : S0 - E0 + E1);
  clearTable(K, p);
  for (let rest = near; rest; rest &= rest - 1) {
    const k = <usize>ctz(rest);
    const q = <usize>load<u8>(distances + k);
    const entry = tableE + (q << 4);
    const without = S0 - load<i32>(entry);
    const up = ln(without + load<i32>(entry, 8)) - g;
    const down = g - ln(without + load<i32>(entry, 4));
    store<i16>(p + (k << 1), <i16>(q ? up : upOfMax));
    store<i16>(p + (<usize>K << 1) + (k << 1), <i16>(q ? down : downOfMax));
  }
  store<i16>(z + (<usize>K << 1), <i16>m);
  store<i16>(z + (<usize>K << 1), <i16>g, 2);
}

export function rewriteRow(p: usize): void {
  rewriteClasses(classes, p);
}

/** 4096 z_y - lse of a row. */
@inline
export function rowLogLikQ(p: usize, label: i32): i32 {
  const z = p + (<usize>classes << 2);
  const end = z + (<usize>classes << 1);
  const ofLabel: i32 = load<i16>(z + (<usize>label << 1));
  return ((ofLabel - <i32>load<i16>(end)) << 12) - <i32>load<i16>(end, 2);
}
