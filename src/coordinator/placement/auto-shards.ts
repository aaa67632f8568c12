/** `--shards auto` on some data: how many workers a chain is best spread over. */
import type { ChainRule } from '../../kernel/kernel.js';
import { measureSweepMs } from '../../kernel/sweep-time.js';
import type { Rows } from '../../posterior/rows.js';
import { placeRows } from '../placement.js';
import { USUAL_COSTS } from '../scale-model/costs.js';
import { chooseShards, type ShardChoice } from './choose-shards.js';
import { forecastSweep } from './forecast.js';
import { shareBytes } from './share-bytes.js';
import { summarizePlacement } from './summary.js';

export interface AutoShardsInput {
  readonly rule: ChainRule;
  readonly rows: Rows;
  readonly workers: number;
  /** Of each worker. */
  readonly threads: number;
  readonly memoryBytes: number;
  readonly chains: number;
  /** Whether workers run the tfjs kernel. */
  readonly dense: boolean;
  /** A sweep of one chain on one thread, in ms; measured here where it matters and is not given. */
  readonly sweepMs?: number;
}

/** Messages of a round for each member: asked and answered. */
const MESSAGES = 2;

/** @throws InputError when the workers together can't hold the data */
export function autoShards(input: AutoShardsInput): ShardChoice {
  const { rule, rows, workers, threads, memoryBytes, chains, dense } = input;
  let sweepMs = input.sweepMs;
  return chooseShards({
    workers: Array.from({ length: workers }, () => ({ threads, memoryBytes })),
    chains,
    dataBytes: (shards) => shareBytes(rule, rows, shards, dense).shard,
    slotBytes: (shards) => shareBytes(rule, rows, shards, dense).slot,
    sweepMs: () => (sweepMs ??= measureSweepMs(rule, rows)),
    forecast: (shards, chainsInBatch) =>
      forecastSweep(summarizePlacement(rule, rows, placeRows(rows, shards)), chainsInBatch),
    roundMs,
    windowMs: USUAL_COSTS.jobMs,
  });
}

/** A round's way there and back, with what the coordinator does for it. */
function roundMs(members: number): number {
  return USUAL_COSTS.latencyMs + MESSAGES * members * USUAL_COSTS.messageMs;
}
