/** The sites of a sweep that the coordinator has a part in, for one group's owners. */
import type { Model } from '../../posterior/model.js';
import { SHARED, UNLIT } from '../../sampler/owners.js';
import { firstRowSite, firstSwapSite, type NeighbourPairs, type SweepPlan } from '../../sampler/sites.js';

/** Flip of a SHARED feature; row of one; swap of two; swap of one with an owned feature; draw from the prior (UNLIT). */
export const SiteKind = { none: 0, flip: 1, row: 2, swap: 3, mixed: 4, prior: 5 } as const;

/** A sweep's shared and known sites in visiting order; all arrays have `count` entries. */
export interface SharedSweep {
  readonly count: number;
  /** Sites of the whole sweep, the group's private ones too. */
  readonly length: number;
  /** Position of the first swap, and the first entry from there on. */
  readonly swapsFrom: number;
  readonly swapEntry: number;
  readonly site: Int32Array;
  /** Position in the sweep's plan. */
  readonly position: Int32Array;
  readonly kind: Uint8Array;
  /** Index of the weight (flip, prior), of the first of K weights (row), of the first or SHARED feature's weight (swaps). */
  readonly weight: Int32Array;
  /** Index of the other weight of a swap; of a mixed one that is the owned weight. */
  readonly other: Int32Array;
  /** 1 at the last site of each feature's moves, and of each pair's swaps. */
  readonly isLast: Uint8Array;
}

/** Carries the move of an entry out in w, or takes it back; not for draws from the prior. */
export function toggle(
  w: Uint8Array,
  { kind, weight, other }: SharedSweep,
  e: number,
  classes: number,
): void {
  const i = weight[e]!;
  if (kind[e] === SiteKind.flip) w[i]! ^= 1;
  else if (kind[e] === SiteKind.row) for (let k = 0; k < classes; k++) w[i + k]! ^= 1;
  else {
    w[i]! ^= 1;
    w[other[e]!]! ^= 1;
  }
}

/** Sweeps kept: chains of a group are within few sweeps of each other. */
const SWEEPS_KEPT = 8;

export class SharedSites {
  readonly #features: number;
  readonly #classes: number;
  readonly #pairs: NeighbourPairs;
  readonly #kindOfSite: Uint8Array;
  /** Whether some swaps join a SHARED and an owned feature. */
  readonly hasMixed: boolean;
  readonly #sweeps = new Map<number, SharedSweep>();

  constructor(
    model: Model,
    pairs: NeighbourPairs,
    readonly owners: Uint8Array,
  ) {
    this.#features = model.features;
    this.#classes = model.classes;
    this.#pairs = pairs;
    this.#kindOfSite = kindsOfSites(model, pairs, owners);
    this.hasMixed = this.#kindOfSite.includes(SiteKind.mixed);
  }

  /** @param plan the plan of `sweep` */
  sweep(sweep: number, plan: () => SweepPlan): SharedSweep {
    const known = this.#sweeps.get(sweep);
    if (known) return known;
    if (this.#sweeps.size === SWEEPS_KEPT) this.#sweeps.delete(this.#sweeps.keys().next().value!);
    const made = this.#select(plan());
    this.#sweeps.set(sweep, made);
    return made;
  }

  #select({ sites, blockStarts }: SweepPlan): SharedSweep {
    const kindOfSite = this.#kindOfSite;
    const swapsFrom = blockStarts[blockStarts.length - 1]!;
    let count = 0;
    let swapEntry = 0;
    for (let p = 0; p < sites.length; p++) {
      if (p === swapsFrom) swapEntry = count;
      if (kindOfSite[sites[p]!]) count++;
    }
    if (swapsFrom === sites.length) swapEntry = count;
    const made = {
      ...{ count, length: sites.length, swapsFrom, swapEntry, kind: new Uint8Array(count) },
      ...{ site: new Int32Array(count), position: new Int32Array(count) },
      ...{ weight: new Int32Array(count), other: new Int32Array(count), isLast: new Uint8Array(count) },
    };
    let e = 0;
    let lastUnit = -1;
    for (let p = 0; p < sites.length; p++) {
      const site = sites[p]!;
      const kind = kindOfSite[site]!;
      if (kind === SiteKind.none) continue;
      made.site[e] = site;
      made.position[e] = p;
      made.kind[e] = kind;
      this.#weights(made, e, site);
      const unit = this.#unit(site);
      if (e > 0 && unit !== lastUnit) made.isLast[e - 1] = 1;
      lastUnit = unit;
      e++;
    }
    if (count > 0) made.isLast[count - 1] = 1;
    return made;
  }

  /** The feature or the pair that a site belongs to, as one number. */
  #unit(site: number): number {
    const K = this.#classes;
    const firstRow = this.#features * K;
    if (site < firstRow) return Math.floor(site / K);
    const swap = site - firstRow - this.#features;
    return swap < 0 ? site - firstRow : this.#features + Math.floor(swap / K);
  }

  #weights({ weight, other }: SharedSweep, e: number, site: number): void {
    const K = this.#classes;
    const firstRow = this.#features * K;
    if (site < firstRow) weight[e] = site;
    else if (site < firstRow + this.#features) weight[e] = (site - firstRow) * K;
    else {
      const swap = site - firstRow - this.#features;
      const pair = Math.floor(swap / K);
      const k = swap - pair * K;
      const j = this.#pairs.first[pair]!;
      const j2 = this.#pairs.second[pair]!;
      const turned = this.owners[j] !== SHARED;
      weight[e] = (turned ? j2 : j) * K + k;
      other[e] = (turned ? j : j2) * K + k;
    }
  }
}

function kindsOfSites(model: Model, pairs: NeighbourPairs, owners: Uint8Array): Uint8Array {
  const { features, classes } = model;
  const rows = firstRowSite(model);
  const swaps = firstSwapSite(model);
  const kinds = new Uint8Array(swaps + pairs.count * classes);
  for (let j = 0; j < features; j++) {
    if (owners[j] === UNLIT) kinds.fill(SiteKind.prior, j * classes, (j + 1) * classes);
    if (owners[j] !== SHARED) continue;
    kinds.fill(SiteKind.flip, j * classes, (j + 1) * classes);
    kinds[rows + j] = SiteKind.row;
  }
  for (let p = 0; p < pairs.count; p++) {
    const first = owners[pairs.first[p]!];
    const second = owners[pairs.second[p]!];
    const kind = first !== second ? SiteKind.mixed : first === SHARED ? SiteKind.swap : SiteKind.none;
    kinds.fill(kind, swaps + p * classes, swaps + (p + 1) * classes);
  }
  return kinds;
}
