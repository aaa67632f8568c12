/** A draw as it is streamed to clients. */
import type { MoveCounts } from '../../kernel/kernel.js';
import { bytesOf, exact, needed, WireError, wholeUpTo } from '../check.js';
import type { v1 } from '../messages.js';
import { decodeCounts } from './report.js';

/** A draw with its weights packed: one bit a weight, least significant first, index j K + k. */
export interface PackedDraw {
  readonly chain: number;
  readonly draw: number;
  /** Number of the draw's last sweep. */
  readonly sweep: number;
  /** Log-likelihood on the grid. */
  readonly logLikQ: number;
  /** Log-likelihood plus log prior, nat. */
  readonly lp: number;
  /** Moves since the chain's previous draw. */
  readonly counts: MoveCounts;
  /** Empty where weights were not asked for. */
  readonly bits: Uint8Array;
}

const NO_BITS = new Uint8Array(0);
const MAX_DRAW = 2 ** 32 - 1;

/** Bytes of an index gap as a varint. */
function varintBytes(gap: number): number {
  return gap < 2 ** 7 ? 1 : gap < 2 ** 14 ? 2 : gap < 2 ** 21 ? 3 : 4;
}

/** Gaps between the indices at which two states differ; undefined where they would take more bytes than the state. */
export function changedGaps(before: Uint8Array, after: Uint8Array): number[] | undefined {
  const gaps: number[] = [];
  let last = 0;
  let bytes = 0;
  for (let i = 0; i < after.length; i++) {
    let differing = before[i]! ^ after[i]!;
    while (differing) {
      const lowest = 31 - Math.clz32(differing & -differing);
      const index = 8 * i + lowest;
      bytes += varintBytes(index - last);
      if (bytes > after.length) return undefined;
      gaps.push(index - last);
      last = index;
      differing &= differing - 1;
    }
  }
  return gaps;
}

/** The state after the changes. @throws WireError */
function withChanges(before: Uint8Array, gaps: readonly number[], weights: number): Uint8Array {
  const after = before.slice();
  let index = 0;
  for (const gap of gaps) {
    index += gap;
    if (index >= weights) throw new WireError(`draw.changed.gaps lead past the ${weights} weights`);
    after[index >> 3]! ^= 1 << (index & 7);
  }
  return after;
}

function decodeWeights(
  { bits, changed }: v1.Draw.$Properties,
  weights: number,
  before: Uint8Array | undefined,
): Uint8Array {
  if (changed) return withChanges(needed(before, 'draw.bits'), changed.gaps ?? [], weights);
  if (!bits || bits.length === 0) return NO_BITS;
  // A view would keep the whole message in memory.
  return Uint8Array.from(bytesOf(bits, (weights + 7) >> 3, 'draw.bits'));
}

/**
 * @param weights D K
 * @param before bits of the chain's previous draw of the stream
 * @throws WireError
 */
export function decodeDraw(
  message: v1.Draw.$Properties,
  weights: number,
  before: Uint8Array | undefined,
): PackedDraw {
  return {
    chain: message.chain ?? 0,
    draw: wholeUpTo(message.draw, MAX_DRAW, 'draw.draw'),
    sweep: message.sweep ?? 0,
    logLikQ: exact(message.logLikQ, 'draw.log_lik_q'),
    lp: message.lp ?? 0,
    counts: decodeCounts(needed(message.counts, 'draw.counts'), 'draw.counts'),
    bits: decodeWeights(message, weights, before),
  };
}
