/** What `import .. from 'bitgibbs/client'` gives: a run that a coordinator serves, from any machine. */
import { RunClient } from './run-client.js';

export { Draw, type DrawsEnd, type DrawsOptions } from './draws.js';
export { ClientError } from './errors.js';
export type { EventsOptions } from './events.js';
export { RunClient, type CallOptions, type StatusAnswer } from './run-client.js';
export type { RunInfo } from './run-info.js';
export type { EventKind, RunEvent } from '../coordinator/events.js';
export type { ChainStatus, RunPhase, RunStatus, WorkerStatus } from '../coordinator/status.js';
export type { MoveCounts } from '../kernel/kernel.js';
export { InputError, type Model } from '../posterior/model.js';
export type { KnownEvent } from '../wire/codec/event.js';
export type { FieldViolation } from '../wire/rich-error.js';

/**
 * A client of the coordinator at host:port; it connects when it is first used.
 * @throws InputError when the address is malformed
 */
export function connect(address: string): RunClient {
  return new RunClient(address);
}
