/** A slot's state as a whole: made from the bits, checked against them, and summed up. */
import {
  SEGMENT_BYTES,
  SEGMENT_ROWS,
  SHARD_BITS,
  SHARD_LABELS,
  SHARD_ROWS,
  SHARD_WEIGHTS,
  SLOT_SEGMENT_LIST,
  THREAD_OUTPUT,
  THREAD_ROW,
} from '../layout';
import {
  batch,
  bindModel,
  bindSlot,
  bindThread,
  classes,
  features,
  firstClass,
  owners,
  segments,
  slot,
  stride,
  sums,
  thread,
  weights,
} from './context';
import { OF_FEATURES, sumList } from './lists';
import { rewriteRows, rowLogLikQ } from './row';
import { flipDeltaQ } from './walk';

@inline
function segmentAt(s: i32): usize {
  return slot + SLOT_SEGMENT_LIST + <usize>s * SEGMENT_BYTES;
}

/** Adds K bytes of weights to K logits, 8 at a time; what it writes past them the caller doesn't need yet. */
@inline
function addWeights(z: usize, w: usize): void {
  for (let k = 0; k < classes; k += 8) {
    const at = z + (<usize>k << 1);
    v128.store(at, i16x8.add(v128.load(at), v128.load8x8_u(w + <usize>k)));
  }
}

/** A row from the bits alone, written at `out`, which needs room for 64 bytes more. */
function freshRow(shard: usize, n: i32, out: usize): void {
  const z = out + (<usize>classes << 2);
  const rows = load<i32>(shard, SHARD_ROWS);
  memory.fill(out, 0, <usize>stride);
  for (let start = 0, block = 0; start < features; start += 64, block++) {
    const bits = <usize>load<u32>(shard, SHARD_BITS) + (<usize>(block * rows + n) << 3);
    for (let rest = load<u64>(bits); rest; rest &= rest - 1) {
      addWeights(z, weights + <usize>((start + <i32>ctz(rest)) * classes));
    }
  }
  store<u16>(batch, 0);
  rewriteRows(out, batch, 1);
}

@inline
function sameRow(a: usize, b: usize): bool {
  for (let at = 0; at < classes * 6 + 4; at += 2) if (load<u16>(a + at) != load<u16>(b + at)) return false;
  return true;
}

/** Makes every row of a slot from its weights. */
export function fillRows(modelAt: usize, threadAt: usize, slotAt: usize): void {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  const fresh: usize = load<u32>(thread, THREAD_ROW);
  for (let s = 0; s < segments; s++) {
    const shard: usize = load<u32>(segmentAt(s));
    const rows: usize = load<u32>(segmentAt(s), SEGMENT_ROWS);
    const count = load<i32>(shard, SHARD_ROWS);
    for (let n = 0; n < count; n++) {
      freshRow(shard, n, fresh);
      memory.copy(rows + <usize>(n * stride), fresh, <usize>stride);
    }
  }
}

/** Rows that differ from what the weights say. */
export function staleRows(modelAt: usize, threadAt: usize, slotAt: usize): i32 {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  const fresh: usize = load<u32>(thread, THREAD_ROW);
  let stale = 0;
  for (let s = 0; s < segments; s++) {
    const shard: usize = load<u32>(segmentAt(s));
    const rows: usize = load<u32>(segmentAt(s), SEGMENT_ROWS);
    const count = load<i32>(shard, SHARD_ROWS);
    for (let n = 0; n < count; n++) {
      freshRow(shard, n, fresh);
      if (!sameRow(fresh, rows + <usize>(n * stride))) stale++;
    }
  }
  return stale;
}

/** Log-likelihood of the slot's rows, on the grid. */
export function logLikQ(modelAt: usize, slotAt: usize): f64 {
  bindModel(modelAt);
  bindSlot(slotAt);
  let total: f64 = 0;
  for (let s = 0; s < segments; s++) {
    const shard: usize = load<u32>(segmentAt(s));
    const rows: usize = load<u32>(segmentAt(s), SEGMENT_ROWS);
    const labels: usize = load<u32>(shard, SHARD_LABELS);
    const rowWeights: usize = load<u32>(shard, SHARD_WEIGHTS);
    const count = load<i32>(shard, SHARD_ROWS);
    for (let n = 0; n < count; n++) {
      const ofRow = rowLogLikQ(rows + <usize>(n * stride), load<u8>(labels + n));
      total += <f64>load<i32>(rowWeights + (<usize>n << 2)) * <f64>ofRow;
    }
  }
  return total;
}

/** Partial delta of flipping each weight, i32[D K], into the thread's output. */
export function flipDeltas(modelAt: usize, threadAt: usize, slotAt: usize): void {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  const out: usize = load<u32>(thread, THREAD_OUTPUT);
  memory.fill(out, 0, <usize>(features * classes) << 2);
  for (let j = 0; j < features; j++) {
    if (!load<u8>(owners + j)) continue;
    sumList(OF_FEATURES, j, sums);
    for (let k = firstClass; k < classes; k++) {
      const i = j * classes + k;
      store<i32>(out + (<usize>i << 2), flipDeltaQ(i, k));
    }
  }
}

