/**
 * Sums of a block's features that somebody else has made, say a native matrix product over all rows: the walk reads them
 * where it would sum a feature itself, and every row that is rewritten takes its old entries off and puts its new ones
 * on the sums of the block's features that it lights. Undoing a move does the same.
 */
import { BATCH_ROWS, SELECTED_ROWS, SLOT_BLOCK_FIRST, SLOT_BLOCK_MASK, SLOT_BLOCK_SUMS, SUM_BYTES } from '../layout';
import { batch, bindModel, bindSlot, classes, selected, slot, stride } from './context';
import { addTo, bitmapOf, OF_FEATURE, rowsOf, sumList } from './lists';

/** As the slot has them. */
let mask: u64 = 0;
let first: i32 = 0;
let blockSums: usize = 0;

export function bindBlock(): void {
  mask = load<u64>(slot, SLOT_BLOCK_MASK);
  first = load<i32>(slot, SLOT_BLOCK_FIRST);
  blockSums = load<u32>(slot, SLOT_BLOCK_SUMS);
}

@inline
export function hasBlock(): bool {
  return mask != 0;
}

/** Where feature j's sums lie, or 0 when it has none. */
@inline
export function blockSumsOf(j: i32): usize {
  const f = j - first;
  return f >= 0 && f < 64 && (mask >> <u64>f) & 1 ? blockSums + <usize>f * SUM_BYTES : 0;
}

/** Features before `j` in the walk are done with: their sums need not be kept current any more. */
export function dropFeature(j: i32): void {
  const f = j - first;
  if (f < 0 || f >= 64) return;
  mask &= ~(<u64>1 << <u64>f);
  store<u64>(slot, mask, SLOT_BLOCK_MASK);
}

@inline
function rowsAt(f: i32): usize {
  return selected + SELECTED_ROWS + <usize>f * (BATCH_ROWS * 2);
}

/** Picks those of the batch that feature j lights; returns how many. */
function select(shard: usize, j: i32, count: i32, out: usize): i32 {
  const bitmap = bitmapOf(shard, j);
  const begin = out;
  for (let at = batch; at < batch + (<usize>count << 1); at += 2) {
    const n: u32 = load<u16>(at);
    store<u16>(out, <u16>n);
    out += ((<u32>load<u8>(bitmap + (n >> 3)) >> (n & 7)) & 1) << 1;
  }
  return <i32>((out - begin) >> 1);
}

/** Takes the batch's rows, which are about to be rewritten, off the sums of the block. */
export function takeOff(shard: usize, rows: usize, heavy: bool, count: i32): void {
  for (let rest = mask; rest; rest &= rest - 1) {
    const f = <i32>ctz(rest);
    const lit = select(shard, first + f, count, rowsAt(f));
    store<i32>(selected + (<usize>f << 2), lit);
    if (lit) addTo(-1, blockSums + <usize>f * SUM_BYTES, shard, rows, heavy, rowsAt(f), lit);
  }
}

/** Puts what `takeOff` took off back on, rewritten. */
export function putBack(shard: usize, rows: usize, heavy: bool): void {
  for (let rest = mask; rest; rest &= rest - 1) {
    const f = <i32>ctz(rest);
    const lit = load<i32>(selected + (<usize>f << 2));
    if (lit) addTo(1, blockSums + <usize>f * SUM_BYTES, shard, rows, heavy, rowsAt(f), lit);
  }
}

/** Begins a block (mask 0: ends it). Its sums have been written, or will be before the slot walks. */
export function setBlock(slotAt: usize, firstFeature: i32, ofMask: u64): void {
  store<u64>(slotAt, ofMask, SLOT_BLOCK_MASK);
  store<i32>(slotAt, firstFeature, SLOT_BLOCK_FIRST);
}

/** Sums the block's features of a mask from their lists. */
export function sumBlock(modelAt: usize, slotAt: usize, ofMask: u64): void {
  bindModel(modelAt);
  bindSlot(slotAt);
  bindBlock();
  for (let rest = ofMask; rest; rest &= rest - 1) {
    const f = <i32>ctz(rest);
    sumList(OF_FEATURE, first + f, blockSums + <usize>f * SUM_BYTES);
  }
}

/**
 * Copies the flip tables of a segment's rows `from` .. `to - 1` as float32: 2K numbers a row, `up` first.
 * @param out place of the first row; the next one lies `outStride` bytes further
 */
export function copyTable(
  modelAt: usize,
  slotAt: usize,
  segment: i32,
  from: i32,
  to: i32,
  out: usize,
  outStride: i32,
): void {
  bindModel(modelAt);
  bindSlot(slotAt);
  const lanes = classes << 1;
  let p = rowsOf(segment) + <usize>(from * stride);
  for (let n = from; n < to; n++, p += stride, out += outStride) {
    let k: usize = 0;
    for (; <i32>k + 4 <= lanes; k += 4) {
      const entries = v128.load16x4_u(p + (k << 1));
      v128.store(out + (k << 2), f32x4.convert_i32x4_u(entries));
    }
    for (; <i32>k < lanes; k++) store<f32>(out + (k << 2), <f32>load<u16>(p + (k << 1)));
  }
}
