/** Dense columns of a shard: its frequent features as float32 matrices, one a block and tile, that all threads share. */
import { BLOCK_FEATURES } from '../../sampler/sites.js';
import type { Arena } from './arena.js';
import * as layout from './layout.js';
import type { FlipExports } from './load.js';
import type { Region } from './regions.js';
import { OVERREAD_BYTES, TILE_WEIGHT, type Sizes } from './sizes.js';
import { tilesOf, type Tile } from './tiles.js';
import type { Views } from './views.js';

/** A feature is summed from its list where at most one row in so many lights it: a native product would cost more. */
const RARE_SHARE = 15;

/**
 * What dense columns add to a shard's memory, in bytes, at most.
 * @param lit lit entries of all rows
 */
export function denseBytes({ model }: Sizes, rows: number, lit: number): number {
  const columns = Math.min(model.features, Math.floor((RARE_SHARE * lit) / rows));
  return rows * (4 * columns + 8);
}

/** Masks of each block's frequent features, low and high halves, and how many there are. */
function frequentFeatures(arena: Arena, { model, blocks }: Sizes, shardAt: number): [Uint32Array, number] {
  const { views } = arena;
  const rows = views.address(shardAt + layout.SHARD_ROWS);
  const offsets = views.u32(views.address(shardAt + layout.SHARD_OFFSETS), 2 * model.features + 1);
  const masks = new Uint32Array(2 * blocks);
  let columns = 0;
  for (let j = 0; j < model.features; j++) {
    const lit = offsets[2 * j + 2]! - offsets[2 * j]!;
    if (lit * RARE_SHARE <= rows) continue;
    masks[Math.floor(j / BLOCK_FEATURES) * 2 + ((j >> 5) & 1)]! |= 1 << (j & 31);
    columns++;
  }
  return [masks, columns];
}

/** The tiles of a shard's rows, in its own order. */
export function tilesOfShard(views: Views, shardAt: number): Tile[] {
  const rows = views.address(shardAt + layout.SHARD_ROWS);
  return tilesOf(views.i32(views.address(shardAt + layout.SHARD_WEIGHTS), rows), TILE_WEIGHT);
}

/** Adds the dense columns to a shard's region, and what goes with them. @throws InputError when they don't fit */
export function addDense(
  arena: Arena,
  sizes: Sizes,
  modelAt: number,
  kernel: FlipExports,
  region: Region,
): void {
  const [masks, columns] = frequentFeatures(arena, sizes, region.at);
  const tiles = tilesOfShard(arena.views, region.at);
  const tiledRows = tiles.reduce((sum, { from, to }) => sum + to - from, 0);
  region.put(layout.SHARD_DENSE_MASKS, masks);
  let at = region.part(layout.SHARD_DENSE, 4 * columns * tiledRows + OVERREAD_BYTES);
  for (let block = 0; block < sizes.blocks; block++) {
    for (const { from, to } of tiles) at = kernel.fillDense(modelAt, region.at, block, from, to, at) >>> 0;
  }
}
