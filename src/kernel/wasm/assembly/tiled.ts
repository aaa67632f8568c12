/**
 * Sums of all features of a block at once, tile by tile: a tile's rows stay in a near cache while every feature's part of
 * them is summed. From then on block.ts keeps the sums current, which costs more for each row that changes. So a block
 * is summed like this where the table fits no near cache, and few rows changed when the block was last visited.
 */
import {
  BLOCK_ALWAYS,
  BLOCK_NEVER,
  MODEL_BLOCK_SUMS,
  SHARD_ROWS,
  SHARD_TILE_COUNTS,
  SLOT_BLOCK,
  SLOT_BLOCK_FROM,
  SLOT_BLOCK_MASK,
  SLOT_BLOCK_SUMS,
  SLOT_BLOCK_SWEEP,
  SLOT_BLOCK_TO,
  SLOT_CHANGED,
  SUM_TILE_ROWS,
} from '../layout';
import { sumBytesOf } from './block';
import { features, model, scratch, segments, slot, stride } from './context';
import { addTo, allLight, listAt, OF_FEATURE, rowCount, rowsOf, shardOf } from './lists';
import { ownerOf, UNLIT } from './moves';

/** Bytes of a table that are summed as fast in any order. */
const NEAR_BYTES: i32 = 1048576;
/** Lit entries that must be summed for each row that changes. */
const ENTRIES_PER_CHANGE: i32 = 12;

/** Rows changed since `beginChanges`. */
let changed: i32 = 0;

@inline
export function countChanged(rows: i32): void {
  changed += rows;
}

export function beginChanges(): void {
  changed = 0;
}

@inline
function changedAt(block: i32): usize {
  return <usize>load<u32>(slot, SLOT_CHANGED) + (<usize>block << 2);
}

/** Remembers how many rows the visit of a block changed. */
export function endChanges(block: i32): void {
  store<i32>(changedAt(block), changed);
}

/** Lit entries of features of a block, over all segments, whose rows are all light. */
function entriesOf(mask: u64, block: i32): i32 {
  let entries = 0;
  for (let s = 0; s < segments; s++) {
    const shard = shardOf(s);
    for (let rest = mask; rest; rest &= rest - 1) {
      const j = (block << 6) + <i32>ctz(rest);
      entries += <i32>((listAt(shard, OF_FEATURE, j, 1) - listAt(shard, OF_FEATURE, j, 0)) >> 1);
    }
  }
  return entries;
}

function isWorthwhile(mask: u64, block: i32): bool {
  const choice = load<i32>(model, MODEL_BLOCK_SUMS);
  if (choice == BLOCK_NEVER || !allLight()) return false;
  if (choice == BLOCK_ALWAYS) return true;
  if (rowCount() * stride <= NEAR_BYTES) return false;
  const before = load<i32>(changedAt(block));
  // Nothing is known of a block that was never visited.
  return before >= 0 && <i64>before * ENTRIES_PER_CHANGE < <i64>entriesOf(mask, block);
}

function sumSegment(s: i32, block: i32, mask: u64, out: usize): void {
  const shard = shardOf(s);
  const rows = rowsOf(s);
  const tiles = (load<i32>(shard, SHARD_ROWS) + SUM_TILE_ROWS - 1) / SUM_TILE_ROWS;
  const counts = <usize>load<u32>(shard, SHARD_TILE_COUNTS) + <usize>((block << 6) * tiles * 2);
  const step = sumBytesOf();
  // Where each feature's list goes on.
  const next = scratch;
  for (let rest = mask; rest; rest &= rest - 1) {
    const f = <usize>ctz(rest);
    store<u32>(next + (f << 2), <u32>listAt(shard, OF_FEATURE, (block << 6) + <i32>f, 0));
  }
  for (let tile = 0; tile < tiles; tile++) {
    for (let rest = mask; rest; rest &= rest - 1) {
      const f = <usize>ctz(rest);
      const count = <i32>load<u16>(counts + <usize>((<i32>f * tiles + tile) * 2));
      if (count == 0) continue;
      const list = <usize>load<u32>(next + (f << 2));
      addTo(1, out + f * step, shard, rows, false, list, count);
      store<u32>(next + (f << 2), <u32>list + (count << 1));
    }
  }
}

/** Sums a block's features for the visit of its positions `from` .. `to - 1`, if that is worthwhile. */
export function sumBlock(sweep: i32, block: i32, from: i32, to: i32): void {
  const first = block << 6;
  const last = min(first + 64, features);
  let mask: u64 = 0;
  for (let j = first; j < last; j++) if (ownerOf(j) != UNLIT) mask |= <u64>1 << <u64>(j & 63);
  if (mask == 0 || !isWorthwhile(mask, block)) return;
  const out: usize = load<u32>(slot, SLOT_BLOCK_SUMS);
  memory.fill(out, 0, sumBytesOf() << 6);
  for (let s = 0; s < segments; s++) sumSegment(s, block, mask, out);
  store<u64>(slot, mask, SLOT_BLOCK_MASK);
  store<i32>(slot, block, SLOT_BLOCK);
  store<i32>(slot, sweep, SLOT_BLOCK_SWEEP);
  store<i32>(slot, from, SLOT_BLOCK_FROM);
  store<i32>(slot, to, SLOT_BLOCK_TO);
}
