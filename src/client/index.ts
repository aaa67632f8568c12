/** What `import .. from 'bitgibbs/client'` gives: a run that a coordinator serves, from any machine. */
import { openCertificates } from '../wire/security/certificates.js';
import { RunClient } from './run-client.js';

export { Draw, type DrawsEnd, type DrawsOptions } from './draws.js';
export { ClientError } from './errors.js';
export type { EventsOptions } from './events.js';
export { RunClient, type CallOptions, type StatusAnswer, type WantedWeights } from './run-client.js';
export type { RunInfo } from './run-info.js';
export type { EventKind, RunEvent } from '../coordinator/events.js';
export type { ChainStatus, RunPhase, RunStatus, WorkerStatus } from '../coordinator/status.js';
export type { MoveCounts } from '../kernel/kernel.js';
export { InputError, type Model } from '../posterior/model.js';
export type { KnownEvent } from '../wire/codec/event.js';
export type { RunSummary, WeightSummary } from '../wire/codec/summary.js';
export type { FieldViolation } from '../wire/rich-error.js';

/** Paths of PEM files, for a coordinator that serves over TLS. */
export interface TlsOptions {
  /** Certificates of the authorities that the coordinator's may come from. */
  readonly ca: string;
  /** This client's certificate, with the role bitgibbs://client, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** File of a bearer token, in place of a certificate. */
  readonly tokenFile?: string;
}

export interface ConnectOptions {
  readonly tls?: TlsOptions;
  /** Hears when a certificate has been read again, or could not be. */
  readonly log?: (line: string) => void;
}

/**
 * A client of the coordinator at host:port; it connects when it is first used.
 * @throws InputError when the address is malformed, or a file can't be used
 */
export function connect(address: string, { tls, log = () => undefined }: ConnectOptions = {}): RunClient {
  if (!tls) return new RunClient(address);
  const { ca, cert, key, tokenFile } = tls;
  const own = cert !== undefined && key !== undefined ? { own: { cert, key } } : {};
  const certificates = openCertificates({ files: { ca, ...own }, role: 'client', log });
  return new RunClient(address, { certificates, ...(tokenFile === undefined ? {} : { tokenFile }) });
}
