/** Counts the bytes of a service's messages. */
import type { ServiceDefinition } from '@grpc/grpc-js';

/** Message bytes since the start, gRPC frame headers included, HTTP/2 framing left out. */
export interface ByteMeter {
  received: number;
  sent: number;
}

const FRAME_HEADER_BYTES = 5;

/** The same service, with a server's traffic added to `meter`. */
export function meteredServer<T extends ServiceDefinition>(service: T, meter: ByteMeter): T {
  const entries = Object.entries(service).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      meter.received += bytes.length + FRAME_HEADER_BYTES;
      return method.requestDeserialize(bytes);
    };
    const responseSerialize = (message: unknown): Buffer => {
      const bytes = method.responseSerialize(message);
      meter.sent += bytes.length + FRAME_HEADER_BYTES;
      return bytes;
    };
    return [name, { ...method, requestDeserialize, responseSerialize }];
  });
  return Object.fromEntries(entries) as T;
}
