/** What a placement means for the moves of a chain that is spread over its shards, one member a shard. */
import type { ChainRule } from '../../kernel/kernel.js';
import { firstFreeClass } from '../../posterior/model.js';
import { isLit, litEntries, litFeatures, takeRows, type Rows } from '../../posterior/rows.js';
import { featureOwners, SHARED, UNLIT } from '../../sampler/owners.js';
import { neighbourPairs } from '../../sampler/sites.js';

export interface ShardSummary {
  readonly rows: number;
  /** Sum of the row weights. */
  readonly weight: number;
  /** Lit entries: what walking the shard costs. */
  readonly work: number;
  /** Features lit in no other shard, and the moves that are this shard's private business. */
  readonly privateFeatures: number;
  readonly privateFlips: number;
  readonly privateSwaps: number;
}

export interface PlacementSummary {
  readonly shards: readonly ShardSummary[];
  readonly sharedFeatures: number;
  /** Features that no row lights. */
  readonly unlitFeatures: number;
  /** Sites of a sweep whose partials are combined; swaps of a shared with a private feature are mixed. */
  readonly sharedFlips: number;
  readonly sharedSwaps: number;
  readonly mixedSwaps: number;
  /** Every feature lit in fewer rows than this is private. */
  readonly privateBelow: number;
  /** Work of the largest shard over the mean: 1 is even. */
  readonly balance: number;
}

/** @param lists row numbers of each shard */
export function summarizePlacement(
  { model, moves }: ChainRule,
  rows: Rows,
  lists: readonly ArrayLike<number>[],
): PlacementSummary {
  const free = model.classes - firstFreeClass(model);
  const pairs = neighbourPairs(model);
  const parts = lists.map((list) => takeRows(rows, list));
  const owners = featureOwners(parts.map(litFeatures), model.features, pairs);
  const swaps = { shared: 0, mixed: 0, own: lists.map(() => 0) };
  for (let p = 0; moves.swaps && p < pairs.count; p++) {
    const [first, second] = [owners[pairs.first[p]!]!, owners[pairs.second[p]!]!];
    if (first !== second) swaps.mixed += free;
    else if (first === SHARED) swaps.shared += free;
    else swaps.own[first - 1]! += free;
  }
  const shards = parts.map((part, s) => {
    const privateFeatures = owners.reduce((count, owner) => count + Number(owner === s + 1), 0);
    return {
      ...{ rows: part.count, weight: part.weights.reduce((sum, weight) => sum + weight, 0) },
      ...{ work: litEntries(part), privateFeatures, privateFlips: privateFeatures * free },
      privateSwaps: swaps.own[s]!,
    };
  });
  const sharedFeatures = owners.reduce((count, owner) => count + Number(owner === SHARED), 0);
  const mean = shards.reduce((sum, { work }) => sum + work, 0) / shards.length;
  return {
    ...{ shards, sharedFeatures, sharedFlips: sharedFeatures * free },
    unlitFeatures: owners.reduce((count, owner) => count + Number(owner === UNLIT), 0),
    ...{ sharedSwaps: swaps.shared, mixedSwaps: swaps.mixed },
    privateBelow: rarestShared(rows, owners),
    balance: mean === 0 ? 1 : Math.max(...shards.map(({ work }) => work)) / mean,
  };
}

/** Lit rows of the rarest shared feature; more than there are rows where none is shared. */
function rarestShared(rows: Rows, owners: Uint8Array): number {
  let rarest = rows.count + 1;
  for (let j = 0; j < owners.length; j++) {
    if (owners[j] !== SHARED) continue;
    let count = 0;
    for (let n = 0; n < rows.count; n++) if (isLit(rows, n, j)) count++;
    rarest = Math.min(rarest, count);
  }
  return rarest;
}
