/** Cuts a shard's rows into tiles whose weighted sums of table entries are exact in float32. */

/** Rows `from` .. `to - 1`; of the first and the last one only a part of the weight may count. */
export interface Tile {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  /** The same as `first` in a tile of one row. */
  readonly last: number;
}

/**
 * Tiles in order; together they count every row with its whole weight. A row heavier than a tile lies in several.
 * @param weights of the rows, each at least 1
 * @param most row weight of a tile
 */
export function tilesOf(weights: ArrayLike<number>, most: number): Tile[] {
  const tiles: Tile[] = [];
  let used = 0;
  for (let n = 0; n < weights.length;) {
    const from = n;
    let left = most;
    const first = Math.min(left, weights[n]! - used);
    let last = first;
    for (;;) {
      last = Math.min(left, weights[n]! - used);
      left -= last;
      used += last;
      if (used === weights[n]!) {
        n++;
        used = 0;
      }
      if (left === 0 || n === weights.length) break;
    }
    tiles.push({ from, to: used === 0 ? n : n + 1, first, last });
  }
  return tiles;
}
