/** What a run is. */
import type { RunPhase } from '../coordinator/status.js';
import type { Model } from '../posterior/model.js';
import { MAX_SEED } from '../posterior/stream.js';
import type { Moves } from '../sampler/sites.js';
import { needed, wholeUpTo } from '../wire/check.js';
import { decodeModel, MAX_CHAINS } from '../wire/codec/rule.js';
import { decodePhase } from '../wire/codec/status.js';
import type { GetRunResponse } from '../wire/services.js';

export interface RunInfo {
  /** Of the coordinator's process: another one after a restart. */
  readonly runId: string;
  /** Of the draws: runs with the same one have the same draws, bit for bit. */
  readonly drawsId: string;
  readonly packageVersion: string;
  /** What the data are called. */
  readonly data: string;
  /** Of the training rows. */
  readonly dataSha256: string;
  readonly rows: number;
  readonly classNames: readonly string[];
  readonly model: Model;
  /** D K: the weights of a draw. */
  readonly weights: number;
  readonly moves: Moves;
  readonly seed: number;
  readonly chains: number;
  /** Draws a chain that there are to be. */
  readonly draws: number;
  readonly thin: number;
  readonly warmupSweeps: number;
  /** Draws that every chain had stored when it was asked. */
  readonly drawsStored: number;
  readonly phase: RunPhase;
}

/** @throws WireError */
export function decodeRun(message: GetRunResponse): RunInfo {
  const model = decodeModel(needed(message.model, 'model'));
  return {
    runId: message.runId ?? '',
    drawsId: message.drawsId ?? '',
    packageVersion: message.packageVersion ?? '',
    data: message.data ?? '',
    dataSha256: message.dataSha256 ?? '',
    rows: message.rows ?? 0,
    classNames: message.classNames ?? [],
    model,
    weights: model.features * model.classes,
    moves: { rows: message.moves?.rows ?? false, swaps: message.moves?.swaps ?? false },
    seed: wholeUpTo(message.seed, MAX_SEED, 'seed'),
    chains: wholeUpTo(message.chains, MAX_CHAINS, 'chains'),
    draws: message.draws ?? 0,
    thin: message.thin ?? 0,
    warmupSweeps: message.warmupSweeps ?? 0,
    drawsStored: message.storedDraws ?? 0,
    phase: decodePhase(message.phase),
  };
}
