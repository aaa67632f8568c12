/**
 * What every walker of sites has to agree on: what a site's move is, how it changes the log prior, which uniform
 * decides it, and what counts as a proposal.
 */
import type { Model } from '../posterior/model.js';
import { firstFreeClass } from '../posterior/model.js';
import { Domain, uniform53 } from '../posterior/stream.js';
import { BETA_ONE_Q, thresholdQ } from '../posterior/threshold.js';
import type { NeighbourPairs } from './sites.js';
import { firstRowSite, firstSwapSite } from './sites.js';

/**
 * The move at a site.
 * - `prior`: weight j,k of a feature lit in no row is drawn from its prior;
 * - `flip`: weight j,k is flipped;
 * - `row`: the K bits of feature j, where they are equal, are all flipped: the likelihood stays;
 * - `swap`: weights j,k and j2,k, where they differ, change places.
 */
export type Move = { readonly kind: 'prior'; readonly j: number; readonly k: number } | Proposal;

/** A move that is taken or refused. */
export type Proposal =
  | { readonly kind: 'flip'; readonly j: number; readonly k: number }
  | { readonly kind: 'row'; readonly j: number }
  | { readonly kind: 'swap'; readonly j: number; readonly j2: number; readonly k: number };

/** The move that a site number stands for. */
export function moveAt(site: number, model: Model, pairs: NeighbourPairs): Move {
  const { classes } = model;
  if (site < firstRowSite(model)) {
    const j = Math.floor(site / classes);
    return { kind: model.lit[j] ? 'flip' : 'prior', j, k: site % classes };
  }
  const swap = site - firstSwapSite(model);
  if (swap < 0) return { kind: 'row', j: site - firstRowSite(model) };
  const pair = Math.floor(swap / classes);
  return { kind: 'swap', j: pairs.first[pair]!, j2: pairs.second[pair]!, k: swap % classes };
}

/** Whether the K bits of feature j are equal, so that its row move is proposed. */
export function isRowOpen(model: Model, w: Uint8Array, j: number): boolean {
  const start = j * model.classes;
  for (let i = start + 1; i < start + model.classes; i++) if (w[i] !== w[start]) return false;
  return true;
}

/** Whether a move is proposed in state w: rows need equal bits, swaps different ones. */
export function isOpen(model: Model, w: Uint8Array, move: Proposal): boolean {
  if (move.kind === 'row') return isRowOpen(model, w, move.j);
  if (move.kind === 'swap') return w[move.j * model.classes + move.k] !== w[move.j2 * model.classes + move.k];
  return true;
}

/** Change of the log prior, on the grid, by flipping weight i = j K + k. */
export function priorChangeOfFlip(model: Model, w: Uint8Array, i: number): number {
  return w[i] ? -model.priorQ[i]! : model.priorQ[i]!;
}

/** Change of the log prior, on the grid, by flipping all K bits of feature j, which must be equal. */
export function priorChangeOfRow(model: Model, w: Uint8Array, j: number): number {
  let sum = 0;
  for (let k = firstFreeClass(model); k < model.classes; k++) sum += model.priorQ[j * model.classes + k]!;
  return w[j * model.classes] ? -sum : sum;
}

/** Change of the log prior, on the grid, by moving a 1 of class k from feature `from` to feature `to`. */
export function priorChangeOfSwap(model: Model, from: number, to: number, k: number): number {
  return model.priorQ[to * model.classes + k]! - model.priorQ[from * model.classes + k]!;
}

/** Change of the log prior by an open move in state w. */
export function priorChange(model: Model, w: Uint8Array, move: Proposal): number {
  if (move.kind === 'row') return priorChangeOfRow(model, w, move.j);
  if (move.kind !== 'swap') return priorChangeOfFlip(model, w, move.j * model.classes + move.k);
  const fromFirst = w[move.j * model.classes + move.k] === 1;
  return priorChangeOfSwap(model, fromFirst ? move.j : move.j2, fromFirst ? move.j2 : move.j, move.k);
}

/** Carries an open move out in w. */
export function applyMove(model: Model, w: Uint8Array, move: Proposal): void {
  const { classes } = model;
  if (move.kind === 'row') {
    for (let i = move.j * classes; i < (move.j + 1) * classes; i++) w[i]! ^= 1;
    return;
  }
  w[move.j * classes + move.k]! ^= 1;
  if (move.kind === 'swap') w[move.j2 * classes + move.k]! ^= 1;
}

/** Where in the random stream a decision lies. */
export interface Turn {
  readonly seed: number;
  readonly chain: number;
  readonly sweep: number;
  readonly site: number;
}

/** The uniform of 53 bits that decides a site. */
export function acceptBits(turn: Turn): number {
  return uniform53(turn.seed, turn.site, turn.sweep, turn.chain, Domain.accept);
}

/** Smallest deltaQ at which a site's move is taken. */
export function acceptThresholdQ(turn: Turn, priorChangeQ: number, betaQ: number): number {
  return thresholdQ(acceptBits(turn), priorChangeQ, betaQ);
}

/**
 * A weight drawn from its prior: 1 with probability pi, whatever it was and whatever beta is.
 * @param bits uniform integer of 53 bits
 * @param priorQ the weight's prior log-odds on the grid
 */
export function drawFromPrior(bits: number, priorQ: number): 0 | 1 {
  return thresholdQ(bits, priorQ, BETA_ONE_Q) <= 0 ? 1 : 0;
}

/**
 * Proposals and acceptances by move. A flip of a lit feature is always a proposal, a row one where its bits are equal,
 * a swap where they differ; draws from the prior are no proposals. So the counts of a sweep don't depend on the layout.
 */
export interface MoveCounts {
  flipsProposed: number;
  flipsAccepted: number;
  rowsProposed: number;
  rowsAccepted: number;
  swapsProposed: number;
  swapsAccepted: number;
}

export function noCounts(): MoveCounts {
  return {
    flipsProposed: 0,
    flipsAccepted: 0,
    rowsProposed: 0,
    rowsAccepted: 0,
    swapsProposed: 0,
    swapsAccepted: 0,
  };
}

const COUNT_FIELDS = {
  flip: ['flipsProposed', 'flipsAccepted'],
  row: ['rowsProposed', 'rowsAccepted'],
  swap: ['swapsProposed', 'swapsAccepted'],
} as const;

/** Counts one open move. */
export function countMove(counts: MoveCounts, kind: Proposal['kind'], accepted: boolean): void {
  const [proposed, taken] = COUNT_FIELDS[kind];
  counts[proposed]++;
  if (accepted) counts[taken]++;
}

/** a - b, field by field: what happened between two reports. */
export function countsBetween(before: MoveCounts, after: MoveCounts): MoveCounts {
  const change = noCounts();
  for (const field of Object.keys(change) as (keyof MoveCounts)[])
    change[field] = after[field] - before[field];
  return change;
}

/** a + b, field by field: members of a group, and what the coordinator decided. */
export function sumOfCounts(a: MoveCounts, b: MoveCounts): MoveCounts {
  const sum = noCounts();
  for (const field of Object.keys(sum) as (keyof MoveCounts)[]) sum[field] = a[field] + b[field];
  return sum;
}
