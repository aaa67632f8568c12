/** Waits for a coordinator, or for the end of the worker. */
import type { Client } from '@grpc/grpc-js';
import { waitForCoordinator } from '../wire/client.js';

/** Whether a coordinator answers before this worker is to leave. @throws InputError when nothing answers in time */
export async function coordinatorOrLeave(
  client: Client,
  address: string,
  timeoutMs: number,
  leave: AbortSignal,
): Promise<boolean> {
  if (leave.aborted) return false;
  // A worker comes back many times under one signal.
  const over = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      leave.addEventListener('abort', () => resolve(false), { signal: over.signal });
      waitForCoordinator(client, address, timeoutMs).then(() => resolve(true), reject);
    });
  } finally {
    over.abort();
  }
}
