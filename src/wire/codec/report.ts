/** A slot's state and the counts of its moves. */
import type { MoveCounts, SlotReport } from '../../kernel/kernel.js';
import { packWeights, unpackWeights } from '../../posterior/weights.js';
import { bytesOf, exact, needed, wholeUpTo } from '../check.js';
import type { v1 } from '../messages.js';

const MAX_COUNT = Number.MAX_SAFE_INTEGER;

export function decodeCounts(message: v1.MoveCounts.$Properties, field: string): MoveCounts {
  return {
    flipsProposed: wholeUpTo(message.flipsProposed, MAX_COUNT, `${field}.flips_proposed`),
    flipsAccepted: wholeUpTo(message.flipsAccepted, MAX_COUNT, `${field}.flips_accepted`),
    rowsProposed: wholeUpTo(message.rowsProposed, MAX_COUNT, `${field}.rows_proposed`),
    rowsAccepted: wholeUpTo(message.rowsAccepted, MAX_COUNT, `${field}.rows_accepted`),
    swapsProposed: wholeUpTo(message.swapsProposed, MAX_COUNT, `${field}.swaps_proposed`),
    swapsAccepted: wholeUpTo(message.swapsAccepted, MAX_COUNT, `${field}.swaps_accepted`),
  };
}

/** The packed bits of W; `weights` is D K. @throws WireError */
function packedBits(bits: Uint8Array | null | undefined, weights: number, field: string): Uint8Array {
  return bytesOf(bits, (weights + 7) >> 3, field);
}

/** W from its packed bits; `weights` is D K. @throws WireError */
export function decodeBits(bits: Uint8Array | null | undefined, weights: number, field: string): Uint8Array {
  return unpackWeights(packedBits(bits, weights, field), weights);
}

export function encodeReport(report: SlotReport): v1.SlotReport.$Properties {
  return {
    bits: packWeights(report.w),
    logLikQ: report.logLikQ,
    ownAcceptedSumQ: report.ownAcceptedSumQ,
    counts: report.counts,
  };
}

/** @param weights D K. @throws WireError */
export function decodeReport(message: v1.SlotReport.$Properties, weights: number, field: string): SlotReport {
  // A copy: a view would hold the whole received message.
  const bits = new Uint8Array(packedBits(message.bits, weights, `${field}.bits`));
  let w: Uint8Array | undefined;
  return {
    // Unpacked once it is wanted: two of three reports are of windows that were guessed wrong, and nobody reads them.
    get w() {
      return (w ??= unpackWeights(bits, weights));
    },
    logLikQ: exact(message.logLikQ, `${field}.log_lik_q`),
    ownAcceptedSumQ: exact(message.ownAcceptedSumQ, `${field}.own_accepted_sum_q`),
    counts: decodeCounts(needed(message.counts, `${field}.counts`), `${field}.counts`),
  };
}
