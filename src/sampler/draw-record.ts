/**
 * The canonical bytes of one draw. A run's digest (store/digest.ts) hashes the records of each chain in the order of its
 * draws; it is the same however the run was laid out.
 *
 *     bytes 0-3   chain, unsigned, little-endian
 *     bytes 4-7   draw, unsigned, little-endian
 *     then        the weights, packed least significant bit first, index j K + k; unused bits of the last byte are 0
 *     last 8      log-likelihood on the grid of 2^-12 nat, signed 64 bits, little-endian
 */
import { packWeights } from '../posterior/weights.js';

/** What the digest covers of a draw. */
export interface DrawKey {
  readonly chain: number;
  /** Number of the draw within its chain, from 0. */
  readonly draw: number;
  readonly logLikQ: number;
}

/** Length of a record in bytes, for D K weights. */
export function drawRecordBytes(weights: number): number {
  return 8 + ((weights + 7) >> 3) + 8;
}

/**
 * The record of a draw whose weights are packed already.
 * @param draw its weights as by `packWeights`
 */
export function packedDrawRecord(draw: DrawKey & { readonly packed: Uint8Array }): Uint8Array {
  const { packed } = draw;
  const record = new Uint8Array(8 + packed.length + 8);
  const view = new DataView(record.buffer);
  view.setUint32(0, draw.chain, true);
  view.setUint32(4, draw.draw, true);
  record.set(packed, 8);
  view.setBigInt64(8 + packed.length, BigInt(draw.logLikQ), true);
  return record;
}

/** The record of a draw with one byte a weight, length D K. */
export function drawRecord(draw: DrawKey & { readonly w: Uint8Array }): Uint8Array {
  return packedDrawRecord({ ...draw, packed: packWeights(draw.w) });
}
