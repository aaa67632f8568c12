/** Groups at work, and which resting chains they get next. */
import type { Batch } from './batch.js';
import type { Chain } from './chain.js';
import type { Group } from './group.js';
import type { WorkerTable } from './workers.js';

export interface Team {
  readonly group: Group;
  /** All members hold their shards. */
  isReady: boolean;
  /** Not of the present layout any more. */
  isObsolete: boolean;
  /** Takes no more chains and gives up those it has at their boundaries. */
  isRetired: boolean;
  readonly batches: Set<Batch>;
  /** Chains meant for the next spread batches. */
  readonly pool: Chain[];
}

/** Chains that make up a new batch of a team. */
export interface FormedBatch {
  readonly team: Team;
  readonly chains: readonly Chain[];
}

/** Batches of a spread group: one walks, on all threads of its members, while another's round is settled. */
export const BATCHES = 2;

export function chainsOf(team: Team): number {
  let count = team.pool.length;
  for (const batch of team.batches) count += batch.chains.length;
  return count;
}

/** Groups that take chains. */
export function openTeams(teams: readonly Team[]): Team[] {
  return teams.filter(({ isReady, isRetired }) => isReady && !isRetired);
}

/** Those of them that chains are spread over: of the present layout, else of the one before. */
export function openSpreadTeams(teams: readonly Team[]): Team[] {
  const spread = openTeams(teams).filter(({ group }) => !group.isSolo);
  const current = spread.filter(({ isObsolete }) => !isObsolete);
  return current.length > 0 ? current : spread;
}

interface Place {
  readonly team: Team;
  /** Speed that counts: the slowest member's threads. */
  readonly threads: number;
  /** Most chains at a time. */
  readonly room: number;
  chains: number;
}

/** Takes chains out of `waiting` for the spread groups, and forms batches of them. @param all all teams */
export function formSpread(all: readonly Team[], waiting: Chain[], workers: WorkerTable): FormedBatch[] {
  const places = openSpreadTeams(all).map((team): Place => {
    const { members } = team.group;
    return {
      ...{ team, chains: chainsOf(team) },
      threads: Math.min(...members.map(({ worker }) => workers.get(worker).threads)),
      room: Math.min(...members.map(({ worker, shards }) => workers.slots(worker, shards))),
    };
  });
  while (waiting.length > 0) {
    const [place] = places
      .filter(({ chains, room }) => chains < room)
      .sort((a, b) => (a.chains + 1) / a.threads - (b.chains + 1) / b.threads);
    if (!place) break;
    place.chains++;
    place.team.pool.push(waiting.shift()!);
  }
  const active = all.flatMap(({ batches }) => [...batches]);
  const coming = active.filter(({ closing }) => closing).reduce((sum, { chains }) => sum + chains.length, 0);
  const total = active.reduce((sum, { chains }) => sum + chains.length, 0) + waiting.length;
  const pooled = places.reduce((sum, { team }) => sum + team.pool.length, 0);
  const threads = places.reduce((sum, place) => sum + place.threads, 0);
  return places.flatMap((place) => {
    const share = Math.min(place.room, Math.ceil(((total + pooled) * place.threads) / threads));
    return cutPool(place, share, coming === 0);
  });
}

/**
 * Batches of equal size out of a team's pool.
 * @param share chains that the team will have in the end
 * @param all whether no more chains are to come
 */
function cutPool({ team }: Place, share: number, all: boolean): FormedBatch[] {
  const size = Math.ceil(share / Math.min(share, BATCHES));
  const formed: FormedBatch[] = [];
  while (team.pool.length >= size || (all && team.pool.length > 0)) {
    formed.push({ team, chains: team.pool.splice(0, size) });
  }
  return formed;
}
