/** Events of a run as an async iterator. */
import type { Client } from '@grpc/grpc-js';
import { callServerStream } from '../wire/client.js';
import { decodeEvent, type KnownEvent } from '../wire/codec/event.js';
import { chainService, type StreamEventsResponse } from '../wire/services.js';
import { inWords } from './errors.js';

export interface EventsOptions {
  /** Only events with larger numbers: that of the last one seen. */
  readonly after?: number;
  /** With `after`: the process that numbered it. */
  readonly runId?: string;
  /** Wait for more until the run ends. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** @throws ClientError; the signal's reason when it is aborted */
export async function* streamEvents(
  client: Client,
  address: string,
  { after = 0, runId = '', follow = false, signal }: EventsOptions,
): AsyncGenerator<KnownEvent, void> {
  signal?.throwIfAborted();
  const call = callServerStream(client, chainService.streamEvents, { after, runId, follow });
  const cancel = (): void => call.cancel();
  // Also told to whoever iterates; between two iterations nobody would be listening.
  call.on('error', () => undefined);
  signal?.addEventListener('abort', cancel);
  try {
    for await (const { event } of call as AsyncIterable<StreamEventsResponse>) {
      if (event) yield decodeEvent(event);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw inWords(error, address);
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
