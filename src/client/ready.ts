/** Waiting for a coordinator. */
import type { Client } from '@grpc/grpc-js';
import { reasonOf } from '../wire/connect-failure.js';
import { ClientError } from './errors.js';

const SHOWN_MS = 100;

/**
 * Resolves when the coordinator can be reached, trying again and again within the time given.
 * @throws ClientError when it can't; the signal's reason when it is aborted
 */
export async function untilReady(
  client: Client,
  address: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => reject(signal!.reason as Error);
    signal?.addEventListener('abort', stop);
    client.waitForReady(new Date(Date.now() + Math.max(0, timeoutMs)), (error) => {
      signal?.removeEventListener('abort', stop);
      if (!error) return resolve();
      const waited = (Math.max(0, Math.round(timeoutMs / SHOWN_MS)) * SHOWN_MS) / 1000;
      void reasonOf(client).then((reason) => {
        const text = `no coordinator answers at ${address} (waited ${waited} s)${reason}`;
        reject(new ClientError('UNAVAILABLE', text, { cause: error }));
      });
    });
  });
}
