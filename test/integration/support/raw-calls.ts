/** Calls whose bytes a test makes itself. */
import { type Client, Metadata, status, type StatusObject } from '@grpc/grpc-js';

const asIs = (bytes: Buffer): Buffer => bytes;

/** What a call ended with. */
export type Ended = Pick<StatusObject, 'code' | 'details'>;

/** One request of these bytes to a method that takes one; what comes back is read and thrown away. */
export function rawCall(
  client: Client,
  path: string,
  bytes: Buffer,
  metadata = new Metadata(),
): Promise<Ended> {
  return new Promise((resolve) => {
    const call = client.makeServerStreamRequest(path, asIs, asIs, bytes, metadata);
    call.on('data', () => undefined).on('error', () => undefined);
    call.on('status', ({ code, details }: StatusObject) => resolve({ code, details }));
  });
}

/** A stream that sends these messages and leaves its half open; what it ends with. */
export function rawStream(client: Client, path: string, messages: readonly Buffer[]): Promise<Ended> {
  return new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(path, asIs, asIs);
    call.on('data', () => undefined).on('error', () => undefined);
    call.on('status', ({ code, details }: StatusObject) => resolve({ code, details }));
    for (const message of messages) call.write(message);
  });
}

export function nameOf({ code }: Ended): string {
  return status[code] ?? String(code);
}
