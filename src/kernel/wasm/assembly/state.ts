/** A slot's state as a whole: made from the bits, checked against them, and summed up. */
import {
  SHARD_LABELS,
  SHARD_ROWS,
  SHARD_WEIGHTS,
  SHARD_WORDS,
  THREAD_OUTPUT,
  THREAD_ROWS,
} from '../layout';
import {
  batch,
  bindModel,
  bindSlot,
  bindThread,
  classes,
  features,
  firstClass,
  segments,
  stride,
  sums,
  thread,
  weights,
} from './context';
import { bitmapOf, OF_FEATURE, rowsOf, shardOf, sumList } from './lists';
import { flipDeltaQ, ownerOf, UNLIT } from './moves';
import { rewriteRows, rowLogLikQ } from './row';

/** Rows made together: those of one word of a bitmap. */
const TILE: i32 = 64;

/**
 * Adds K bytes of weights to K logits, 8 at a time. What it writes past them is worked out later: the row's own rest,
 * or flip entries of the next row.
 */
@inline
export function addWeights(z: usize, w: usize): void {
  for (let k = 0; k < classes; k += 8) {
    const at = z + (<usize>k << 1);
    v128.store(at, i16x8.add(v128.load(at), v128.load8x8_u(w + <usize>k)));
  }
}

/** Makes the rows 64 word .. 64 word + count - 1 from the bits alone. */
function makeTile(shard: usize, word: i32, count: i32, out: usize): void {
  const logits = out + (<usize>classes << 2);
  memory.fill(out, 0, <usize>(count * stride));
  for (let j = 0; j < features; j++) {
    const w = weights + <usize>(j * classes);
    for (let lit = load<u64>(bitmapOf(shard, j) + (<usize>word << 3)); lit; lit &= lit - 1) {
      addWeights(logits + <usize>(<i32>ctz(lit) * stride), w);
    }
  }
  for (let i = 0; i < count; i++) store<u16>(batch + (<usize>i << 1), <u16>i);
  rewriteRows(out, batch, count);
}

@inline
function tileRows(shard: usize, word: i32): i32 {
  return min(TILE, load<i32>(shard, SHARD_ROWS) - word * TILE);
}

/** Makes every row of a slot from its weights. */
export function fillRows(modelAt: usize, threadAt: usize, slotAt: usize): void {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  for (let s = 0; s < segments; s++) {
    const shard = shardOf(s);
    for (let word = 0; word < load<i32>(shard, SHARD_WORDS); word++) {
      makeTile(shard, word, tileRows(shard, word), rowsOf(s) + <usize>(word * TILE * stride));
    }
  }
}

@inline
export function sameRow(a: usize, b: usize): bool {
  for (let at = 0; at < classes * 6 + 2; at += 2) if (load<u16>(a + at) != load<u16>(b + at)) return false;
  return true;
}

/** Rows that differ from what the weights say. */
export function staleRows(modelAt: usize, threadAt: usize, slotAt: usize): i32 {
  bindModel(modelAt);
  bindThread(threadAt);
  bindSlot(slotAt);
  const fresh: usize = load<u32>(thread, THREAD_ROWS);
  let stale = 0;
  for (let s = 0; s < segments; s++) {
    const shard = shardOf(s);
    for (let word = 0; word < load<i32>(shard, SHARD_WORDS); word++) {
      const count = tileRows(shard, word);
      const kept = rowsOf(s) + <usize>(word * TILE * stride);
      makeTile(shard, word, count, fresh);
      for (let n = 0; n < count * stride; n += stride) if (!sameRow(fresh + n, kept + n)) stale++;
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
    const shard = shardOf(s);
    const rows = rowsOf(s);
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
    if (ownerOf(j) == UNLIT) continue;
    sumList(OF_FEATURE, j, sums);
    for (let k = firstClass; k < classes; k++) {
      const i = j * classes + k;
      store<i32>(out + (<usize>i << 2), flipDeltaQ(i, k, sums));
    }
  }
}
