/**
 * Bytes of what a tempered chain has beside its draws: for the journal, in little-endian float64 and packed bits.
 *
 *     states       log-likelihoods (R), state of the exchanges (stateLength R), then the packed weights of each replica
 *     ladder draw  betas, replicas, log-likelihoods (R each), rejections (R - 1), restarts, round trips
 */
import { packWeights, unpackWeights } from '../../posterior/weights.js';
import { stateLength, type LadderDraw } from './replica-exchange.js';

/** All replicas of a tempered chain where they meet, enough to go on from. */
export interface ReplicaStates {
  /** By replica, one byte a weight. */
  readonly w: readonly Uint8Array[];
  /** By replica, on the grid. */
  readonly logLikQ: Float64Array;
  /** See ReplicaExchange.state. */
  readonly exchange: Float64Array;
}

function toBytes(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((value, i) => view.setFloat64(8 * i, value, true));
  return bytes;
}

function fromBytes(bytes: Uint8Array, count: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
}

export function encodeStates({ w, logLikQ, exchange }: ReplicaStates): Uint8Array {
  const numbers = toBytes([...logLikQ, ...exchange]);
  const packed = w.map(packWeights);
  const bytes = new Uint8Array(numbers.length + packed.reduce((sum, { length }) => sum + length, 0));
  bytes.set(numbers);
  let at = numbers.length;
  for (const bits of packed) {
    bytes.set(bits, at);
    at += bits.length;
  }
  return bytes;
}

/** Length of `encodeStates`, for D K weights. */
export function statesBytes(replicas: number, weights: number): number {
  return 8 * (replicas + stateLength(replicas)) + replicas * ((weights + 7) >> 3);
}

/** @param bytes of `statesBytes` length */
export function decodeStates(bytes: Uint8Array, replicas: number, weights: number): ReplicaStates {
  const numbers = fromBytes(bytes, replicas + stateLength(replicas));
  const packedBytes = (weights + 7) >> 3;
  const first = 8 * numbers.length;
  return {
    w: Array.from({ length: replicas }, (_, r) =>
      unpackWeights(bytes.subarray(first + r * packedBytes, first + (r + 1) * packedBytes), weights),
    ),
    logLikQ: numbers.slice(0, replicas),
    exchange: numbers.slice(replicas),
  };
}

export function encodeLadderDraw(draw: LadderDraw): Uint8Array {
  const { betasQ, replicas, logLikQ, rejection, restarts, roundTrips } = draw;
  return toBytes([...betasQ, ...replicas, ...logLikQ, ...rejection, restarts, roundTrips]);
}

/** Length of `encodeLadderDraw`. */
export function ladderDrawBytes(replicas: number): number {
  return 8 * (3 * replicas + (replicas - 1) + 2);
}

/** @param bytes of `ladderDrawBytes` length */
export function decodeLadderDraw(bytes: Uint8Array, replicas: number): LadderDraw {
  const numbers = fromBytes(bytes, ladderDrawBytes(replicas) / 8);
  const part = (from: number, count: number): Float64Array => numbers.slice(from, from + count);
  return {
    betasQ: Int32Array.from(part(0, replicas)),
    replicas: Int32Array.from(part(replicas, replicas)),
    logLikQ: part(2 * replicas, replicas),
    rejection: part(3 * replicas, replicas - 1),
    restarts: numbers.at(-2)!,
    roundTrips: numbers.at(-1)!,
  };
}
