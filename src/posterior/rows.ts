/** Labelled binary rows, packed: the unit that shards are cut from. */
import { InputError, MAX_LIT_PER_ROW, MAX_SHARD_WEIGHT, MAX_TOTAL_WEIGHT } from './model.js';

export interface Rows {
  readonly count: number;
  readonly features: number;
  /** Row-major bits, `rowBytes(features)` bytes a row, least significant bit first. */
  readonly bits: Uint8Array;
  /** Class of each row, length count. */
  readonly labels: Uint8Array;
  /** How often each row counts, length count, each at least 1. */
  readonly weights: Uint32Array;
}

export function rowBytes(features: number): number {
  return (features + 7) >> 3;
}

export function isLit(rows: Rows, n: number, j: number): boolean {
  return ((rows.bits[n * rowBytes(rows.features) + (j >> 3)]! >> (j & 7)) & 1) === 1;
}

/**
 * Packs one number (0 or not 0) a feature.
 * @param dense row-major, length rows x features
 * @param weights how often each row counts, by default once
 */
export function packRows(
  dense: ArrayLike<number>,
  features: number,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Rows {
  const count = labels.length;
  const stride = rowBytes(features);
  const bits = new Uint8Array(count * stride);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < features; j++) {
      if (dense[n * features + j]) bits[n * stride + (j >> 3)]! |= 1 << (j & 7);
    }
  }
  return {
    count,
    features,
    bits,
    labels: Uint8Array.from(labels),
    weights: weights ? Uint32Array.from(weights) : new Uint32Array(count).fill(1),
  };
}

/** The rows with the given numbers, in that order. */
export function takeRows(rows: Rows, chosen: ArrayLike<number>): Rows {
  const stride = rowBytes(rows.features);
  const bits = new Uint8Array(chosen.length * stride);
  const labels = new Uint8Array(chosen.length);
  const weights = new Uint32Array(chosen.length);
  for (let i = 0; i < chosen.length; i++) {
    const n = chosen[i]!;
    bits.set(rows.bits.subarray(n * stride, (n + 1) * stride), i * stride);
    labels[i] = rows.labels[n]!;
    weights[i] = rows.weights[n]!;
  }
  return { count: chosen.length, features: rows.features, bits, labels, weights };
}

/** 1 for each feature that some row lights, length features. */
export function litFeatures(rows: Rows): Uint8Array {
  const stride = rowBytes(rows.features);
  const any = new Uint8Array(stride);
  for (let n = 0; n < rows.count; n++) {
    for (let b = 0; b < stride; b++) any[b]! |= rows.bits[n * stride + b]!;
  }
  return Uint8Array.from({ length: rows.features }, (_, j) => (any[j >> 3]! >> (j & 7)) & 1);
}

function bitsSet(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) {
    for (; byte; byte &= byte - 1) count++;
  }
  return count;
}

/** Number of lit entries of all rows: what walking them costs. */
export function litEntries(rows: Rows): number {
  return bitsSet(rows.bits);
}

/** Checks the ranges that the integer arithmetic needs. @throws InputError */
export function checkRows(rows: Rows, classes: number): void {
  if (rows.count === 0) throw new InputError('the data hold no rows');
  const stride = rowBytes(rows.features);
  let total = 0;
  for (let n = 0; n < rows.count; n++) {
    if (rows.labels[n]! >= classes) {
      throw new InputError(
        `label of row ${n + 1} is ${rows.labels[n]}, must be below ${classes} (the number of classes)`,
      );
    }
    if (rows.weights[n]! < 1 || rows.weights[n]! > MAX_SHARD_WEIGHT) {
      throw new InputError(
        `weight of row ${n + 1} is ${rows.weights[n]}, must be from 1 to ${MAX_SHARD_WEIGHT}`,
      );
    }
    total += rows.weights[n]!;
    const lit =
      rows.features > MAX_LIT_PER_ROW ? bitsSet(rows.bits.subarray(n * stride, (n + 1) * stride)) : 0;
    if (lit > MAX_LIT_PER_ROW)
      throw new InputError(`row ${n + 1} has ${lit} lit features, at most ${MAX_LIT_PER_ROW} fit`);
  }
  if (total > MAX_TOTAL_WEIGHT) {
    throw new InputError(`the row weights sum to ${total}, at most ${MAX_TOTAL_WEIGHT} are supported`);
  }
}
