/** Small pictures as PNG data: one pixel a feature, to be scaled up by whoever shows them. */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** 8 bits a channel; red, green, blue, alpha. */
const FORMAT = [8, 6, 0, 0, 0];

function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/**
 * A data address of a picture.
 * @param rgba four bytes a pixel, row by row
 */
export function pngAddress(width: number, height: number, rgba: Uint8Array): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(FORMAT, 8);
  const lines = Buffer.alloc(height * (4 * width + 1));
  for (let row = 0; row < height; row++) {
    // Each line begins with its filter: none.
    lines.set(rgba.subarray(4 * width * row, 4 * width * (row + 1)), row * (4 * width + 1) + 1);
  }
  const parts = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ];
  return `data:image/png;base64,${Buffer.concat([SIGNATURE, ...parts]).toString('base64')}`;
}
