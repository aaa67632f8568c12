/** A shard's rows as bytes: packed rows, then labels (one byte each), then weights (little-endian uint32 each). */
import type { Rows } from '../../posterior/rows.js';
import { rowBytes } from '../../posterior/rows.js';
import { WireError } from '../check.js';
import { int32FromBytes, int32ToBytes } from '../int32.js';

export interface ShardShape {
  readonly rows: number;
  readonly features: number;
}

/** Length in bytes of a shard's content. */
export function shardBytes({ rows, features }: ShardShape): number {
  return rows * (rowBytes(features) + 1 + 4);
}

/** The three parts of a shard's content, in order; views where possible. */
export function shardParts(rows: Rows): Uint8Array[] {
  const { buffer, byteOffset, length } = rows.weights;
  return [rows.bits, rows.labels, int32ToBytes(new Int32Array(buffer, byteOffset, length))];
}

/** The rows in a shard's content; bits and labels are views of it. @throws WireError */
export function rowsFromBytes(content: Uint8Array, shape: ShardShape, classes: number): Rows {
  const { rows, features } = shape;
  if (content.length !== shardBytes(shape)) {
    throw new WireError(
      `a shard of ${rows} rows must have ${shardBytes(shape)} bytes, got ${content.length}`,
    );
  }
  const bitsEnd = rows * rowBytes(features);
  const labels = content.subarray(bitsEnd, bitsEnd + rows);
  const weights = new Uint32Array(int32FromBytes(content.subarray(bitsEnd + rows), 'shard weights').buffer);
  if (labels.some((label) => label >= classes))
    throw new WireError(`a shard's labels must be below ${classes}`);
  if (weights.includes(0)) throw new WireError("a shard's weights must be at least 1");
  return { count: rows, features, bits: content.subarray(0, bitsEnd), labels, weights };
}
