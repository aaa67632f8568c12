/** A chunk's bytes on disk: zstd, then a CRC-32C of the compressed bytes, as the Zarr codecs `zstd` and `crc32c` say. */
import { registry } from 'zarrita';
import { damaged, readIfThere } from './files.js';

/** zstd levels: quick for a chunk that will be written again, better for one that is full. */
export const QUICK_LEVEL = 1;
export const FULL_LEVEL = 9;

interface Codec {
  encode(bytes: Uint8Array): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Promise<Uint8Array>;
}

const codecs = new Map<number, Promise<Codec>>();

async function loadCodec(level: number): Promise<Codec> {
  const zstd = await registry.get('zstd')!();
  return zstd.fromConfig({ level }, undefined as never) as unknown as Codec;
}

function codecOf(level: number): Promise<Codec> {
  const codec = codecs.get(level) ?? loadCodec(level);
  codecs.set(level, codec);
  return codec;
}

/** CRC-32C (Castagnoli), byte by byte from a table. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export async function encodeChunk(raw: Uint8Array, level: number): Promise<Uint8Array> {
  const packed = await (await codecOf(level)).encode(raw);
  const bytes = new Uint8Array(packed.length + 4);
  bytes.set(packed);
  new DataView(bytes.buffer).setUint32(packed.length, crc32c(packed), true);
  return bytes;
}

/**
 * The uncompressed bytes of a chunk that must be there.
 * @param rawBytes their number
 * @throws InputError naming the file when it is missing, cut off or changed
 */
export async function readChunk(path: string, rawBytes: number): Promise<Uint8Array> {
  const bytes = await readIfThere(path);
  if (!bytes) throw damaged(path, 'the chunk is missing');
  if (bytes.length < 4) throw damaged(path, 'the chunk is cut off');
  const packed = bytes.subarray(0, bytes.length - 4);
  if (bytes.readUInt32LE(packed.length) !== crc32c(packed)) throw damaged(path, 'wrong checksum');
  const raw = await (await codecOf(QUICK_LEVEL)).decode(packed);
  if (raw.length !== rawBytes) throw damaged(path, `${raw.length} bytes, should be ${rawBytes}`);
  // The codec's answer may lie anywhere in its own memory; typed arrays over it need an aligned start.
  return raw.byteOffset % 8 === 0 ? raw : raw.slice();
}
