/**
 * Messages that carry a CRC-32 of themselves: their last field, number 15 (fixed32), over all bytes before it. To other
 * readers of the protocol it is a field like any other.
 */
import { crc32 } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';
import { WireError } from './check.js';

/** The static side of a generated message. */
export interface MessageCodec<T> {
  encode(message: T, writer?: protobuf.Writer): protobuf.Writer;
  decode(bytes: Uint8Array): T;
}

/** Key of field 15 with wire type 5 (32 bits). */
const FIELD_KEY = (15 << 3) | 5;
const FIELD_BYTES = 5;

/** A writer that has grown beyond this is not kept: one large message would hold its memory for ever. */
const KEPT_BYTES = 2 ** 16;
/** Grown by earlier messages: a new writer would begin with 128 bytes, and copy what it has at each doubling. */
let spare: protobuf.Writer | undefined;

export function encodeChecked<T>(codec: MessageCodec<T>, message: T): Buffer {
  const writer = spare ?? protobuf.Writer.create();
  // Not to be used again where encoding throws: it would begin in the middle of a message.
  spare = undefined;
  const bytes = withChecksum(codec.encode(message, writer).finish(true));
  if (bytes.length <= KEPT_BYTES) spare = writer.reset();
  return bytes;
}

function withChecksum(content: Uint8Array): Buffer {
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
