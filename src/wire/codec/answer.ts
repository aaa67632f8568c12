/** What a worker answers to the brain's commands. */
import type { Attached, AttachedChain, Audited, Loaded, Walked } from '../../coordinator/brain/messages.js';
import { WireError, atLeastZero, needed, wholeUpTo, wholesUpTo } from '../check.js';
import { int32FromBytes, int32ToBytes } from '../int32.js';
import type { v1 } from '../messages.js';
import { MAX_SHARDS } from './command.js';
import { decodeReport, encodeReport } from './report.js';
import type { RunSize } from './walk.js';
import { decodeResult, encodeResult } from './walk.js';

/** Answers of a worker. */
export type WorkerAnswer = Loaded | Attached | Walked | Audited;

const MAX_ROWS = 2 ** 32 - 1;

export function encodeAnswer(answer: WorkerAnswer): v1.JoinRequest.$Shape {
  switch (answer.type) {
    case 'loaded':
      return { loaded: { shards: [...answer.shards] } };
    case 'attached':
      return { attached: { epoch: answer.epoch, chains: answer.chains.map(encodeAttachedChain) } };
    case 'walked':
      return {
        walked: { epoch: answer.epoch, round: answer.round, results: answer.results.map(encodeResult) },
      };
    case 'audited': {
      const { epoch, chain, differing, seconds } = answer;
      return { audited: { epoch, chain, differing, seconds } };
    }
  }
}

function encodeAttachedChain({ chain, report, flipDeltasQ }: AttachedChain): v1.AttachedChain.$Properties {
  return { chain, report: encodeReport(report), flipDeltasQ: int32ToBytes(flipDeltasQ) };
}

function decodeAttachedChain(message: v1.AttachedChain.$Properties, size: RunSize): AttachedChain {
  const field = 'attached.chains';
  const flipDeltasQ = int32FromBytes(message.flipDeltasQ ?? new Uint8Array(0), `${field}.flip_deltas_q`);
  if (flipDeltasQ.length !== 0 && flipDeltasQ.length !== size.weights) {
    throw new WireError(
      `${field}.flip_deltas_q must have none or ${size.weights} entries, got ${flipDeltasQ.length}`,
    );
  }
  return {
    chain: wholeUpTo(message.chain, size.chains - 1, `${field}.chain`),
    report: decodeReport(needed(message.report, `${field}.report`), size.weights, `${field}.report`),
    flipDeltasQ,
  };
}

/**
 * An answer from a worker's message; messages that are no answers (hello, heartbeat, leaving) are the caller's.
 * @throws WireError
 */
export function decodeAnswer(
  message: v1.JoinRequest.$Properties,
  worker: number,
  size: RunSize,
): WorkerAnswer {
  if (message.loaded) {
    return { type: 'loaded', worker, shards: wholesUpTo(message.loaded.shards, MAX_SHARDS, 'loaded.shards') };
  }
  if (message.attached) {
    const chains = (message.attached.chains ?? []).map((chain) => decodeAttachedChain(chain, size));
    return { type: 'attached', worker, epoch: message.attached.epoch ?? 0, chains };
  }
  if (message.walked) {
    const { epoch, round } = message.walked;
    const results = (message.walked.results ?? []).map((result) => decodeResult(result, size));
    return { type: 'walked', worker, epoch: epoch ?? 0, round: round ?? 0, results };
  }
  const audited = needed(message.audited, 'a known message');
  return {
    type: 'audited',
    worker,
    epoch: audited.epoch ?? 0,
    chain: wholeUpTo(audited.chain, size.chains - 1, 'audited.chain'),
    differing: wholeUpTo(audited.differing, MAX_ROWS, 'audited.differing'),
    seconds: atLeastZero(audited.seconds, 'audited.seconds'),
  };
}
