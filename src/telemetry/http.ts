/** The HTTP side of a process: /metrics, /livez, /readyz, and pages where it has some. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { formatAddress, listenError, parseAddress } from '../wire/address.js';

/** Pages that are served beside the metrics. */
export interface Pages {
  /** Answers a GET or HEAD; false where it has no such path. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): boolean;
  /** Nothing more will happen: tells whoever looks. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  /** host:port; port 0 takes a free one. */
  readonly address: string;
  readonly registry: Registry;
  /** Whether the process can do its work now; a reason when not. */
  readonly notReady: () => string | undefined;
  readonly pages?: Pages;
  readonly limits?: {
    /** At a time; more are dropped. By default 256. */
    readonly connections?: number;
    /** A connection that takes longer to say what it wants is closed; by default 10 s. */
    readonly requestMs?: number;
  };
}

const CONNECTIONS = 256;
const REQUEST_MS = 10_000;
const HEADER_BYTES = 8 * 1024;

export interface TelemetryServer {
  /** host:port as bound. */
  readonly address: string;
  close(): Promise<void>;
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: TelemetryOptions,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0]!;
  if (path === '/metrics') {
    const text = await options.registry.metrics();
    response.writeHead(200, { 'content-type': options.registry.contentType }).end(text);
  } else if (path === '/livez') {
    plain(response, 200, 'ok');
  } else if (path === '/readyz') {
    const reason = options.notReady();
    plain(response, reason === undefined ? 200 : 503, reason ?? 'ok');
  } else if (!options.pages?.answer(path, request, response)) {
    plain(response, 404, `there are ${options.pages ? '/, ' : ''}/metrics, /livez and /readyz`);
  }
}

function listen(server: Server, options: TelemetryOptions): Promise<void> {
  const { host, port } = parseAddress(options.address, 'metrics address');
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options.address, 'metrics address') ?? error));
    server.listen({ host, port }, resolve);
  });
}

/** @throws InputError when the address is malformed, in use or not this machine's */
export async function startTelemetry(options: TelemetryOptions): Promise<TelemetryServer> {
  const { connections = CONNECTIONS, requestMs = REQUEST_MS } = options.limits ?? {};
  const limits = {
    ...{ headersTimeout: requestMs, requestTimeout: requestMs, maxHeaderSize: HEADER_BYTES },
    connectionsCheckingInterval: requestMs / 4,
  };
  const server = createServer(limits, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return plain(response, 405, 'only GET is answered');
    answer(request, response, options).catch((error: unknown) => {
      plain(response, 500, `metrics can't be gathered: ${String(error)}`);
    });
  });
  server.maxConnections = connections;
  await listen(server, options);
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: formatAddress({ host, port }),
    close: async () => {
      await options.pages?.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
