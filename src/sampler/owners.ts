/**
 * Who can decide a move. A feature lit in no row is UNLIT; one whose lit rows all lie with one member of a chain's
 * group belongs to that member (its number, 1 and up); all others are SHARED.
 * Privacy belongs to a move: a swap is private only when both its features have the same owner.
 */
import type { NeighbourPairs } from './sites.js';

export const UNLIT = 0;
export const SHARED = 255;
export const MAX_MEMBERS = 254;

function isMember(owner: number): boolean {
  return owner !== UNLIT && owner !== SHARED;
}

/**
 * Owner of each feature, length D, from one lit-feature table a member.
 *
 * No swap is left between features of two different members: neither would know whether the bits differ. The second
 * feature of such a pair becomes SHARED, though it is lit with one member only.
 * @param pairs the model's neighbour pairs, whether or not a sweep has swaps
 */
export function featureOwners(
  litByMember: readonly Uint8Array[],
  features: number,
  pairs: NeighbourPairs,
): Uint8Array {
  if (litByMember.length > MAX_MEMBERS) throw new RangeError(`at most ${MAX_MEMBERS} members share a chain`);
  const owners = new Uint8Array(features);
  litByMember.forEach((lit, member) => {
    for (let j = 0; j < features; j++) {
      if (lit[j]) owners[j] = owners[j] === UNLIT ? member + 1 : SHARED;
    }
  });
  for (let p = 0; p < pairs.count; p++) {
    const first = owners[pairs.first[p]!]!;
    const second = owners[pairs.second[p]!]!;
    if (first !== second && isMember(first) && isMember(second)) owners[pairs.second[p]!] = SHARED;
  }
  return owners;
}

/**
 * What a member has to do at a site:
 * - `known`: decided by the uniform (and shared bits) alone: prior draws, rows of shared features;
 * - `own`: decided here, exactly;
 * - `skip`: another member's private move;
 * - `shared`: partials of all members are combined; takes one guess bit and yields one partial;
 */
export type SiteRole = 'known' | 'own' | 'skip' | 'shared';

export function flipRole(owner: number, self: number): SiteRole {
  if (owner === UNLIT) return 'known';
  if (owner === SHARED) return 'shared';
  return owner === self ? 'own' : 'skip';
}

export function rowRole(owner: number, self: number): SiteRole {
  return owner === SHARED ? 'known' : owner === self ? 'own' : 'skip';
}

/**
 * A shared swap between two SHARED features counts (takes a guess and yields a partial) only when their bits differ,
 * which every member knows. Where an endpoint has an owner the other one is SHARED (see featureOwners) and the site
 * always counts, for only the owner knows both bits: the others take them to differ, and an owner that finds them equal
 * yields CLOSED_Q instead of a partial, and the move is refused.
 */
export function swapRole(first: number, second: number, self: number): SiteRole {
  if (first !== second || first === SHARED) return 'shared';
  return first === self ? 'own' : 'skip';
}

/** Stands for a partial of a swap whose bits turned out equal (below every possible partial, see MAX_TOTAL_WEIGHT). */
export const CLOSED_Q = -(2 ** 31);
