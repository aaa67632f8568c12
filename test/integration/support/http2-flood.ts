/** HTTP/2 by hand, from a peer that keeps to no limit it is told. */
import { once } from 'node:events';
import type { Socket } from 'node:net';

const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;
const HEAD_BYTES = 9;
const ACK = 1;
const END_HEADERS = 4;

function frame(type: number, flags: number, stream: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(content.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, content]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

/** POST over http to a path, as gRPC. Header fields by their numbers in the static table of HPACK, never indexed. */
function request(path: string): Buffer {
  return Buffer.concat([
    ...[Buffer.from([0x83, 0x86, 0x04]), text(path), Buffer.from([0x01]), text('x')],
    ...[
      Buffer.from([0x0f, 0x10]),
      text('application/grpc'),
      Buffer.from([0x00]),
      text('te'),
      text('trailers'),
    ],
  ]);
}

/**
 * Hears how many streams there may be, opens as many as it likes, and never says more on them.
 * @param agrees whether it says before that it has heard it
 */
export async function flood(socket: Socket, path: string, streams: number, agrees: boolean): Promise<void> {
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(SETTINGS, 0, 0));
  await once(socket, 'data');
  if (agrees) socket.write(frame(SETTINGS, ACK, 0));
  for (let i = 0; i < streams; i++) socket.write(frame(HEADERS, END_HEADERS, 2 * i + 1, request(path)));
}

/** Counts what the other side ends: streams, or all of them. */
export function countEnds(socket: Socket): { readonly resets: number; readonly isOver: boolean } {
  const seen = { resets: 0, isOver: false };
  let rest = Buffer.alloc(0);
  socket.on('close', () => (seen.isOver = true));
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUIntBE(0, 3)) {
      if (rest[3] === RST_STREAM) seen.resets++;
      if (rest[3] === GOAWAY) seen.isOver = true;
      rest = rest.subarray(HEAD_BYTES + rest.readUIntBE(0, 3));
    }
  });
  return seen;
}
