/** Arrays of little-endian int32 as bytes. */
import { endianness } from 'node:os';
import { WireError } from './check.js';

const BIG_ENDIAN = endianness() === 'BE';

/** The bytes of an array: a view, not a copy (on big-endian machines a swapped copy). */
export function int32ToBytes(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return BIG_ENDIAN ? Buffer.from(bytes).swap32() : bytes;
}

/** The integers in received bytes, copied because received bytes are seldom aligned. @throws WireError */
export function int32FromBytes(bytes: Uint8Array, field: string): Int32Array {
  if (bytes.length % 4 !== 0)
    throw new WireError(`${field} must have a multiple of 4 bytes, got ${bytes.length}`);
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (BIG_ENDIAN) Buffer.from(copy.buffer).swap32();
  return new Int32Array(copy.buffer);
}
