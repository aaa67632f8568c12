/** `--shards auto`: over how many workers a chain is spread. */
import { InputError } from '../../posterior/model.js';
import { walkingChains } from '../brain/walking-chains.js';

export interface ChooseShardsInput {
  readonly workers: readonly { readonly threads: number; readonly memoryBytes: number }[];
  readonly chains: number;
  /** Memory of a share of 1 / S of the data, and of one chain's slot over it. */
  readonly dataBytes: (shards: number) => number;
  readonly slotBytes: (shards: number) => number;
  /** A sweep of one chain on one thread, in ms; asked for only where it matters. */
  readonly sweepMs: () => number;
  /** Rounds and sweeps of work of a spread sweep. */
  readonly forecast: (
    shards: number,
    chainsInBatch: number,
  ) => { readonly rounds: number; readonly work: number };
  /** A round's way to the members and back, in ms. */
  readonly roundMs: (shards: number) => number;
  /** What a window costs a thread beside the walk, in ms. */
  readonly windowMs: number;
}

export interface ShardChoice {
  /** Workers that share a chain while sampling. */
  readonly spread: number;
  readonly why: string;
}

/** Spreading has to be so much faster than not doing it. */
const WORTH_IT = 1.1;
/** Up to so many workers, every number is looked at. */
const EACH_UP_TO = 4;

/** @throws InputError when the workers together can't hold the data */
export function chooseShards(input: ChooseShardsInput): ShardChoice {
  const { workers, chains } = input;
  const able = candidates(workers.length).filter((S) => canHold(input, S));
  if (able.length === 0) throw new InputError('the workers together have too little memory for the data');
  const threads = workers.reduce((sum, worker) => sum + worker.threads, 0);
  const fewest = able[0]!;
  if (fewest === 1 && chains >= threads) {
    return {
      spread: 1,
      why: `${chains} chains can fill ${threads} threads, and each worker can hold all data`,
    };
  }
  const speeds = able.map((S) => ({ S, speed: sweepsPerSecond(input, S) }));
  const base = speeds[0]!;
  const best = speeds.reduce((a, b) => (b.speed > a.speed ? b : a));
  if (best.S !== fewest && best.speed > WORTH_IT * base.speed) {
    const gain = (best.speed / base.speed).toFixed(1);
    return {
      spread: best.S,
      why: `${chains} chains are expected to walk ${gain} times as fast as on ${fewest}`,
    };
  }
  if (fewest > 1) return { spread: fewest, why: `the data fit ${fewest} workers, not fewer` };
  return {
    spread: 1,
    why: 'each worker can hold all data, and rounds would cost more than spreading brings',
  };
}

/** Numbers of workers that a chain may be spread over: with many workers, only powers of two, and all of them. */
function candidates(workers: number): number[] {
  const all = Array.from({ length: workers }, (_, i) => i + 1);
  return all.filter((S) => S <= EACH_UP_TO || S === workers || Number.isInteger(Math.log2(S)));
}

/** Whether every group of S workers can hold the data: the smallest worker decides. */
function canHold({ workers, dataBytes, slotBytes }: ChooseShardsInput, S: number): boolean {
  const least = Math.min(...workers.map(({ memoryBytes }) => memoryBytes));
  return dataBytes(S) + slotBytes(S) <= least;
}

/** All chains together: bound by threads, or by the time that a round takes where few chains share it. */
export function sweepsPerSecond(input: ChooseShardsInput, S: number): number {
  const { workers, chains, roundMs, windowMs } = input;
  const sweepMs = input.sweepMs();
  const threads = workers.reduce((sum, worker) => sum + worker.threads, 0);
  if (S === 1) return (1000 * Math.min(chains, threads)) / sweepMs;
  const groups = Math.floor(workers.length / S);
  const usedThreads = (threads * groups * S) / workers.length;
  const batches = Math.min(chains, 2 * groups);
  const most = Math.min(...workers.map((worker) => walkingChains(input.slotBytes(S), worker.threads)));
  const { rounds, work } = input.forecast(S, Math.min(most, Math.ceil(chains / batches)));
  const walkMs = (sweepMs * work) / S + rounds * windowMs;
  const byThreads = (1000 * usedThreads) / (S * walkMs);
  const inTurn = Math.ceil((chains * workers.length) / batches / threads);
  const byRounds = (1000 * chains) / (inTurn * walkMs + rounds * roundMs(S));
  return Math.min(byThreads, byRounds);
}
