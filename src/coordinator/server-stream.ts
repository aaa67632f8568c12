/** Server streams that wait for slow readers. */
import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';

/**
 * Writes one message; resolves when there is room for the next one.
 * @returns false when the reader is gone
 */
export async function writeWithRoom<Response>(
  call: ServerWritableStream<unknown, Response>,
  message: Response,
  gone: AbortSignal,
): Promise<boolean> {
  if (gone.aborted) return false;
  if (call.write(message)) return true;
  try {
    await once(call, 'drain', { signal: gone });
  } catch {
    // Aborted, or the stream broke: either way nobody reads on.
    return false;
  }
  return !gone.aborted;
}

/** Aborts when the reader of a stream is gone. */
export function readerGone(call: ServerWritableStream<unknown, unknown>): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  call.on('cancelled', abort).on('error', abort).on('close', abort);
  if (call.cancelled) abort();
  return controller.signal;
}
