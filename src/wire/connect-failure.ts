/** Why a client gets no connection, as far as it can be told. */
import type { Client } from '@grpc/grpc-js';

const PROBE_PATH = '/grpc.health.v1.Health/Check';
const PROBE_MS = 500;
const LAST_ERROR = /Last error: (?:Error(?: \[\w+\])?: )?(.*?)\.? Resolution note/;

/** Clients that speak TLS. */
const secured = new WeakSet<Client>();

export function noteSecured(client: Client): void {
  secured.add(client);
}

/** A channel tells its last error only to a call that fails by it. */
function lastError(client: Client): Promise<string> {
  const bytes = (message: Buffer): Buffer => message;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      PROBE_PATH,
      bytes,
      bytes,
      Buffer.alloc(0),
      { deadline: Date.now() + PROBE_MS },
      (error) => resolve(LAST_ERROR.exec(error?.details ?? '')?.[1] ?? ''),
    );
  });
}

/** The end of a line that says that nothing answers: empty where nobody is there. */
export async function reasonOf(client: Client): Promise<string> {
  const error = await lastError(client);
  if (error === '' || /^(connect|getaddrinfo|Name resolution)\b|^(connect )?E[A-Z]+/.test(error)) return '';
  if (!error.startsWith('Failed to connect')) return `: ${error}`;
  const question = secured.has(client)
    ? 'does it trust this certificate?'
    : 'does it serve over TLS (--tls-ca)?';
  return `: what is there closes the connection at once (${question})`;
}
