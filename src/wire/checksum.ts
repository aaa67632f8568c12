/**
 * Messages that carry a CRC-32 of themselves: their last field, number 15 (fixed32), over all bytes before it. To other
 * readers of the protocol it is a field like any other.
 */
import { crc32 } from 'node:zlib';
import type protobuf from 'protobufjs/minimal.js';
import { WireError } from './check.js';

/** The static side of a generated message. */
export interface MessageCodec<T> {
  encode(message: T): protobuf.Writer;
  decode(bytes: Uint8Array): T;
}

/** Key of field 15 with wire type 5 (32 bits). */
const FIELD_KEY = (15 << 3) | 5;
const FIELD_BYTES = 5;

export function encodeChecked<T>(codec: MessageCodec<T>, message: T): Buffer {
  const content = codec.encode(message).finish();
  const bytes = Buffer.allocUnsafe(content.length + FIELD_BYTES);
  bytes.set(content);
  bytes[content.length] = FIELD_KEY;
  bytes.writeUInt32LE(crc32(content), content.length + 1);
  return bytes;
}

/** @throws WireError when a byte has changed on the way */
export function decodeChecked<T>(codec: MessageCodec<T>, bytes: Buffer): T {
  const end = bytes.length - FIELD_BYTES;
  if (end < 0 || bytes[end] !== FIELD_KEY) throw new WireError('a message came without its checksum');
  const content = bytes.subarray(0, end);
  if (bytes.readUInt32LE(end + 1) !== crc32(content)) {
    throw new WireError('a message came with a wrong checksum');
  }
  return codec.decode(content);
}
