/**
 * Which workers share chains: solo groups (every worker that can hold all shards walks chains alone) or spread groups
 * (the shards of a chain lie on several workers). Pure; the chains never depend on it.
 */
import type { MemoryModel, ShardInfo } from './config.js';
import type { WorkerId } from './messages.js';

/** A worker's part in a group. */
export interface MemberPlan {
  readonly worker: WorkerId;
  /** Ascending. */
  readonly shards: readonly number[];
}

export interface WorkerView {
  readonly id: WorkerId;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly held: ReadonlySet<number>;
}

export interface LayoutInput {
  /** Workers that may be used, ascending by id. */
  readonly workers: readonly WorkerView[];
  /** Groups as they are; those that can stay do. */
  readonly current: readonly (readonly MemberPlan[])[];
  readonly shards: readonly ShardInfo[];
  readonly memory: MemoryModel;
  /** Members of a spread group; 1 = chains are never spread unless no worker can hold all shards. */
  readonly spread: number;
  /** Some chain is in its warm-up, whose hot sweeps belong on one worker. */
  readonly warming: boolean;
}

export function keyOfMembers(members: readonly MemberPlan[]): string {
  return members.map(({ worker, shards }) => `${worker}:${shards.join(',')}`).join(' ');
}

/** Whether a worker's memory holds these shards and a slot over `covered` of them. */
export function fits(
  worker: Pick<WorkerView, 'memoryBytes'>,
  memory: MemoryModel,
  shards: readonly number[],
  covered: readonly number[] = shards,
): boolean {
  return bytesOfShards(memory, shards) + memory.slotBytes(covered) <= worker.memoryBytes;
}

export function bytesOfShards(memory: MemoryModel, shards: readonly number[]): number {
  return shards.reduce((sum, shard) => sum + memory.shardBytes(shard), 0);
}

/** The groups there should be; empty when the workers can't hold the data. */
export function planLayout(input: LayoutInput): (readonly MemberPlan[])[] {
  const all = input.shards.map((_, shard) => shard);
  const able = input.workers.filter((worker) => fits(worker, input.memory, all));
  const solo = input.spread === 1 || input.warming || input.workers.length === 1;
  if (solo && able.length > 0) return able.map(({ id }) => [{ worker: id, shards: all }]);
  return planSpread(input);
}

function planSpread(input: LayoutInput): (readonly MemberPlan[])[] {
  const size = Math.min(Math.max(input.spread, 2), input.shards.length);
  const usable = new Set(input.workers.map(({ id }) => id));
  const groups = input.current.filter(
    (members) =>
      members.length > 1 && members.length === size && members.every(({ worker }) => usable.has(worker)),
  );
  const taken = new Set(groups.flatMap((members) => members.map(({ worker }) => worker)));
  const free = input.workers.filter(({ id }) => !taken.has(id));
  while (free.length >= size) {
    const group = groupOf(free.slice(0, size), input);
    if (!group) break;
    groups.push(group);
    free.splice(0, size);
  }
  if (groups.length === 0 && free.length > 1) {
    const group = groupOf(free, input);
    if (group) groups.push(group);
  }
  return groups;
}

/**
 * The shards over these workers: as they lie now, else each shard to a member that has none yet and room, and when all have
 * some to the one that will have the fewest rows a thread: a slow worker gets less.
 */
function groupOf(workers: readonly WorkerView[], input: LayoutInput): readonly MemberPlan[] | undefined {
  const same = input.current.find(
    (members) =>
      members.length === workers.length &&
      workers.every(({ id }) => members.some(({ worker }) => worker === id)),
  );
  if (same && same.length > 1) return same;
  const { shards, memory } = input;
  const loads = workers.map((worker) => ({ worker, shards: [] as number[], rows: 0 }));
  const largestFirst = shards
    .map((_, shard) => shard)
    .sort((a, b) => shards[b]!.rows - shards[a]!.rows || a - b);
  for (const shard of largestFirst) {
    const rank = (load: (typeof loads)[number]): number => (load.worker.held.has(shard) ? 0 : 1);
    const rowsAThread = ({ rows, worker }: (typeof loads)[number]): number =>
      rows === 0 ? 0 : (rows + shards[shard]!.rows) / worker.threads;
    const [place] = loads
      .filter((load) => fits(load.worker, memory, [...load.shards, shard]))
      .sort(
        (a, b) =>
          rowsAThread(a) - rowsAThread(b) ||
          rank(a) - rank(b) ||
          b.worker.threads - a.worker.threads ||
          a.worker.id - b.worker.id,
      );
    if (!place) return undefined;
    place.shards.push(shard);
    place.rows += shards[shard]!.rows;
  }
  return loads
    .filter((load) => load.shards.length > 0)
    .map((load) => ({ worker: load.worker.id, shards: load.shards.sort((a, b) => a - b) }));
}
