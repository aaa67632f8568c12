/**
 * Whose turn it is on workers that walk chains alone. A thread walks one chain at a time; chains beyond the threads stay
 * attached as long as memory allows and take turns, those furthest behind first. A thread with nothing to do takes a
 * resting chain over from another worker.
 */
import type { Chain } from './chain.js';
import { SoloBatch } from './solo-batch.js';
import type { Team } from './teams.js';
import type { WorkerTable } from './workers.js';

/** What to do next: a resting chain walks on, leaves its worker, or a waiting one is attached. */
export type SoloTurn =
  | { readonly kind: 'walk'; readonly batch: SoloBatch }
  | { readonly kind: 'leave'; readonly batch: SoloBatch }
  | { readonly kind: 'attach'; readonly team: Team; readonly chain: Chain };

/** A chain of another worker that is so many jobs behind goes first: draws of all chains should come at one pace. */
const JOBS_AHEAD = 4;

interface Place {
  readonly team: Team;
  readonly worker: number;
  readonly threads: number;
  readonly slots: number;
  readonly running: number;
  /** Furthest behind first. */
  readonly resting: readonly SoloBatch[];
}

/**
 * @param teams ready solo teams
 * @param waiting chains without a worker, furthest behind first
 * @param jobSweeps sweeps of a job
 */
export function nextSoloTurn(
  teams: readonly Team[],
  waiting: readonly Chain[],
  workers: WorkerTable,
  jobSweeps: number,
): SoloTurn | undefined {
  const places = teams.map((team) => placeOf(team, workers));
  const free = places
    .filter(({ running, threads }) => running < threads)
    .sort((a, b) => a.running / a.threads - b.running / b.threads || a.worker - b.worker);
  for (const place of free) {
    const turn = turnAt(place, places, waiting[0], jobSweeps);
    if (turn) return turn;
  }
  return undefined;
}

function placeOf(team: Team, workers: WorkerTable): Place {
  const { worker, shards } = team.group.members[0]!;
  const batches = [...team.batches].filter((batch) => batch instanceof SoloBatch);
  const resting = batches.filter(({ isResting }) => isResting).sort((a, b) => order(a.chain, b.chain));
  const { threads } = workers.get(worker);
  const running = batches.length - resting.length;
  return { team, worker, threads, slots: workers.slots(worker, shards), running, resting };
}

function turnAt(
  place: Place,
  places: readonly Place[],
  next: Chain | undefined,
  jobSweeps: number,
): SoloTurn | undefined {
  const { team, resting, running, slots } = place;
  const own = resting.find(({ chain }) => !chain.isHeld);
  if (next && (!own || order(next, own.chain) < 0)) {
    if (running + resting.length < slots) return { kind: 'attach', team, chain: next };
    // No room for another slot: the resting chain that is furthest ahead makes place.
    const ahead = resting.at(-1);
    return ahead && { kind: 'leave', batch: ahead };
  }
  const foreign = places
    .filter((other) => other !== place && other.running >= other.threads)
    .flatMap((other) => other.resting.filter(({ chain }) => !chain.isHeld).slice(0, 1))
    .sort((a, b) => order(a.chain, b.chain))[0];
  const lead = own && foreign ? own.chain.boundary.sweep - foreign.chain.boundary.sweep : 0;
  if (foreign && (!own || lead > JOBS_AHEAD * jobSweeps)) return { kind: 'leave', batch: foreign };
  return own && { kind: 'walk', batch: own };
}

function order(a: Chain, b: Chain): number {
  return a.boundary.sweep - b.boundary.sweep || a.number - b.number;
}
