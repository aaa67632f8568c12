/** What `plan` prints. */
import type { Forecast } from '../coordinator/placement/forecast.js';
import type { ShareBytes } from '../coordinator/placement/share-bytes.js';
import type { PlacementSummary } from '../coordinator/placement/summary.js';
import { bytesText, grouped, percent, textTable } from './text-table.js';

export interface SimulatedRun {
  readonly workers: number;
  /** Of all chains. */
  readonly sweepsPerSecond: number;
  /** Speed over that of all threads walking whole chains without a message. */
  readonly efficiency: number;
  /** Share of the time that the coordinator is at work. */
  readonly coordinatorLoad: number;
  /** Of the coordinator, and bytes of its network, for one sweep of a chain. */
  readonly coordinatorMs: number;
  readonly bytes: number;
}

export interface Plan {
  readonly name: string;
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly workers: number;
  /** Of each worker. */
  readonly threads: number;
  readonly chains: number;
  /** Why so many shards, where they were chosen here. */
  readonly why: string | undefined;
  /** Groups of workers that each hold all shards. */
  readonly groups: number;
  readonly chainsAGroup: number;
  /** Chains that share a round's messages. */
  readonly chainsInBatch: number;
  readonly summary: PlacementSummary;
  readonly forecast: Forecast;
  readonly share: ShareBytes;
  /** Memory of a worker that holds one shard and its part of all the group's chains. */
  readonly neededBytes: number;
  /** What a worker has, where it was said. */
  readonly memoryBytes: number | undefined;
  readonly simulated: readonly SimulatedRun[] | undefined;
  readonly sweepMs: { readonly value: number; readonly measured: boolean } | undefined;
}

export function planJson(plan: Plan): string {
  return `${JSON.stringify(plan)}\n`;
}

export function planText(plan: Plan): string {
  const parts = [headText(plan), shardsText(plan.summary), movesText(plan), memoryText(plan)];
  if (plan.simulated) parts.push(simulatedText(plan, plan.simulated));
  return `${parts.join('\n\n')}\n`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

function headText({
  name,
  rows,
  features,
  classes,
  workers,
  threads,
  chains,
  summary,
  groups,
  why,
}: Plan): string {
  const data = `${name}: ${grouped(rows)} rows, ${features} features, ${classes} classes`;
  const layout =
    `${counted(summary.shards.length, 'shard')}, ${counted(workers, 'worker')} of ${counted(threads, 'thread')}, ` +
    `${counted(chains, 'chain')}`;
  return [
    `${data}; ${layout}`,
    ...(why === undefined ? [] : [`${counted(summary.shards.length, 'shard')}: ${why}`]),
    ...(workers < summary.shards.length ? [`fewer workers than shards: each holds several`] : []),
    ...(groups > 1 && summary.shards.length > 1 ? [`${groups} groups of workers hold all shards`] : []),
  ].join('\n');
}

function shardsText({ shards, balance }: PlacementSummary): string {
  const rows = shards.map((shard, s) => [
    String(s),
    grouped(shard.rows),
    grouped(shard.work),
    grouped(shard.privateFeatures),
    grouped(shard.privateFlips),
    grouped(shard.privateSwaps),
  ]);
  const head = ['shard', 'rows', 'lit entries', 'private features', 'private flips', 'private swaps'];
  return `${textTable([head, ...rows])}\nlargest shard: ${balance.toFixed(3)} of the mean`;
}

function movesText({ summary, forecast, chainsInBatch }: Plan): string {
  const { sharedFeatures, unlitFeatures, sharedFlips, sharedSwaps, mixedSwaps, privateBelow } = summary;
  if (summary.shards.length === 1) return 'every move is private: a chain needs no rounds';
  const shares = (n: number): string => (n === 1 ? 'one chain alone' : `${n} chains sharing each round`);
  return [
    `shared a sweep:  ${grouped(sharedFlips)} flips, ${grouped(sharedSwaps)} swaps, ${grouped(mixedSwaps)} swaps with a private feature`,
    `features:        ${grouped(sharedFeatures)} shared, ${grouped(unlitFeatures)} lit in no row; one lit in fewer than ${grouped(privateBelow)} rows is private`,
    `expected a sweep: ${grouped(forecast.rounds)} rounds, ${grouped(forecast.wrongGuesses)} wrong guesses, ${forecast.work.toFixed(2)} sweeps of work, with ${shares(chainsInBatch)}`,
    `                 ${bytesText(forecast.bytesToMembers)} to the workers, ${bytesText(forecast.bytesFromMembers)} from them`,
    'note:            rates of full MNIST at an annealed state, beta 1; other data, and hot chains, have others',
  ].join('\n');
}

function memoryText({ share, chainsAGroup, neededBytes, memoryBytes }: Plan): string {
  const needed =
    `memory a worker: ${bytesText(neededBytes)} = ${bytesText(share.shard)} for its shard + ` +
    `${bytesText(share.slot)} for each of ${counted(chainsAGroup, 'chain')}`;
  if (memoryBytes === undefined || neededBytes <= memoryBytes) return needed;
  if (share.shard + share.slot > memoryBytes)
    return `${needed}\nwarning: a worker of ${bytesText(memoryBytes)} can't hold its shard; take more shards`;
  return `${needed}\nnote:            a worker of ${bytesText(memoryBytes)} can't hold all its chains at once: they take turns`;
}

function simulatedText({ sweepMs, chains }: Plan, runs: readonly SimulatedRun[]): string {
  const rows = runs.map((run) => [
    String(run.workers),
    run.sweepsPerSecond.toFixed(1),
    percent(run.efficiency, 1, 0),
    percent(run.coordinatorLoad, 1, 0),
    run.coordinatorMs.toFixed(2),
    bytesText(run.bytes),
  ]);
  const head = ['workers', 'sweeps/s', 'efficiency', 'coordinator busy', 'coordinator ms', 'bytes'];
  const source = sweepMs!.measured ? 'measured here' : 'as given';
  return [
    `simulated, ${counted(chains, 'chain')}, ${sweepMs!.value.toFixed(1)} ms a sweep on one thread (${source}); ms and bytes are those of one sweep of a chain`,
    textTable([head, ...rows]),
  ].join('\n');
}
