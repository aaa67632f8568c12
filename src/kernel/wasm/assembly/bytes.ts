/**
 * Rows of bytes, one for each entry of a row of the flip table: an up entry in 16ths rounded down, a down entry in 16ths
 * rounded up. Rows lie side by side: a byte behind the 2K is of whatever follows, and nobody reads its sum.
 */
import { classes, stride } from './context';
import { widen } from './sums';

/** Entries of a row that are one step of a byte. */
export const UNIT_LOG2: i32 = 4;
const ROUND_UP: i16 = 15;
/** The largest byte; a down entry of 4096 would be one more. */
export const MOST: i32 = 255;
/** Sums of as many bytes fit 16 bits. */
const GROUP_ROWS: i32 = 256;

/** Length of a row of bytes: 2K, in whole groups of 4. */
@inline
export function bytesOfRow(): i32 {
  return (2 * classes + 3) & ~3;
}

/** Two vectors of entries as 16 bytes; what is added before it is cut off rounds up down entries only. */
@inline
function bytesOf(p: usize, rounding: usize): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.shr_u(i16x8.add(v128.load(p), v128.load(rounding)), UNIT_LOG2),
    i16x8.shr_u(i16x8.add(v128.load(p, 16), v128.load(rounding, 16)), UNIT_LOG2),
  );
}

/** Stores the first 4, 8 or 12 bytes. */
@inline
function storeSome(out: usize, v: v128, bytes: i32): void {
  if (bytes == 4) return v128.store32_lane(out, v, 0);
  v128.store64_lane(out, v, 0);
  if (bytes == 12) v128.store32_lane(out, v, 2, 8);
}

/**
 * Writes the bytes of table rows from `out` on.
 * @param list the rows' u16 numbers, or 0 for the first `count` ones
 */
export function makeBytes(rows: usize, rounding: usize, out: usize, list: usize, count: i32): void {
  const step = bytesOfRow();
  const rest = step & 15;
  for (let i = 0; i < count; i++) {
    const n = list ? <i32>load<u16>(list + (<usize>i << 1)) : i;
    let p = rows + <usize>(n * stride);
    let to = out + <usize>(n * step);
    let r = rounding;
    for (let left = step; left >= 16; left -= 16, p += 32, r += 32, to += 16) v128.store(to, bytesOf(p, r));
    if (rest) storeSome(to, bytesOf(p, r), rest);
  }
}

/**
 * Adds 16 bytes of each row of a list to 32-bit lanes. Bytes are summed two by two as they lie: a 16-bit lane of the first
 * sum has those at even places and, 256 times, those at odd ones, which the second sum takes off again.
 * @param base where those of the first row lie
 */
export function addBytes(out: usize, base: usize, list: usize, count: i32): void {
  const step = bytesOfRow();
  while (count > 0) {
    let left = min(count, GROUP_ROWS);
    count -= left;
    let both = i16x8.splat(0);
    let odd = both;
    for (; left >= 4; left -= 4, list += 8) {
      const v1 = v128.load(base + <usize>(<i32>load<u16>(list) * step));
      const v2 = v128.load(base + <usize>(<i32>load<u16>(list, 2) * step));
      const v3 = v128.load(base + <usize>(<i32>load<u16>(list, 4) * step));
      const v4 = v128.load(base + <usize>(<i32>load<u16>(list, 6) * step));
      both = i16x8.add(both, i16x8.add(i16x8.add(v1, v2), i16x8.add(v3, v4)));
      odd = i16x8.add(
        odd,
        i16x8.add(i16x8.add(i16x8.shr_u(v1, 8), i16x8.shr_u(v2, 8)), i16x8.add(i16x8.shr_u(v3, 8), i16x8.shr_u(v4, 8))),
      );
    }
    for (; left > 0; left--, list += 2) {
      const v = v128.load(base + <usize>(<i32>load<u16>(list) * step));
      both = i16x8.add(both, v);
      odd = i16x8.add(odd, i16x8.shr_u(v, 8));
    }
    const even = i16x8.sub(both, i16x8.shl(odd, 8));
    widen(1, out, i8x16.shuffle(even, odd, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
    widen(1, out + 32, i8x16.shuffle(even, odd, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31));
  }
}

/** i16[64]: what is added to the entries of a row before bytes are cut off it. */
export function writeRounding(to: usize): void {
  for (let lane = 0; lane < 64; lane++) {
    store<i16>(to + (<usize>lane << 1), lane < classes ? 0 : ROUND_UP);
  }
}
