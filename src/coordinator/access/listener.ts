/** The port of a coordinator: takes connections, encrypted or not, and hands those that may stay to the gRPC server. */
import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { formatAddress, listenError, parseAddress } from '../../wire/address.js';
import type { Log } from '../../telemetry/log.js';
import { TLS_VERSION, type Certificates } from '../../wire/security/certificates.js';
import type { Connections } from './connections.js';
import { checkExposure } from './exposure.js';
import type { Limits } from './limits.js';
import { Refusals } from './refusals.js';
import type { RefusedCounts } from './refused.js';

export interface ListenerOptions {
  /** host:port; port 0 takes a free one. */
  readonly address: string;
  /** Without: neither encrypted nor authenticated. */
  readonly certificates: Certificates | undefined;
  /** Whether clients without a certificate may come in, to show a token with their calls. */
  readonly takesTokens: boolean;
  /** Serve anyone beyond this machine without certificates. */
  readonly insecure: boolean;
  readonly limits: Limits;
  readonly connections: Connections;
  readonly refused: RefusedCounts;
  readonly log: Log;
}

/** Small messages go at once; a peer whose machine is gone is found out. */
const SOCKET_OPTIONS = { noDelay: true, keepAlive: true };

export class Listener {
  /** host:port as bound. */
  readonly address: string;
  readonly #server: TcpServer;

  private constructor(server: TcpServer, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** @throws InputError when the address is malformed, in use, not this machine's, or open to others without protection */
  static async open(grpc: Server, options: ListenerOptions): Promise<Listener> {
    const { address, certificates, insecure, limits, connections } = options;
    const { host, port } = parseAddress(address, 'listen address');
    checkExposure(address, certificates !== undefined, insecure);
    const refusals = new Refusals(options.log, options.refused);
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const serve = (socket: Socket): void => injector.injectConnection(socket);
    const tls = certificates && secureServer(certificates, options, serve, refusals);
    const server = createServer(SOCKET_OPTIONS, (socket) => {
      // Errors end the connection, which is all that can be done about them.
      socket.on('error', () => undefined);
      const { remoteAddress } = socket;
      const reason = connections.admit(socket);
      if (reason !== undefined) refusals.note(remoteAddress, reason);
      else if (tls) tls.emit('connection', socket);
      else serve(socket);
    });
    server.maxConnections = limits.connections;
    server.on('drop', () => refusals.note(undefined, `there are ${limits.connections} already`));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, address, 'listen address') ?? error));
      server.listen({ host, port }, resolve);
    });
    return new Listener(server, formatAddress({ host, port: (server.address() as AddressInfo).port }));
  }

  /** Takes no new connections. */
  close(): void {
    this.#server.close();
  }
}

function secureServer(
  certificates: Certificates,
  { takesTokens, limits }: ListenerOptions,
  hand: (socket: Socket) => void,
  refusals: Refusals,
): TlsServer {
  const server = createTlsServer({
    ...certificates.value,
    ...TLS_VERSION,
    ALPNProtocols: ['h2'],
    requestCert: true,
    // Decided below, so that it can be told why.
    rejectUnauthorized: false,
    handshakeTimeout: limits.firstMessageMs,
  });
  certificates.onChange((material) => server.setSecureContext({ ...material, ...TLS_VERSION }));
  server.on('tlsClientError', (error, socket) => refusals.note(socket.remoteAddress, reasonOf(error)));
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    const reason = distrust(socket, takesTokens);
    if (reason === undefined) return hand(socket);
    refusals.note(socket.remoteAddress, reason);
    socket.destroy();
  });
  return server;
}

/** Why a peer is not let in; undefined when it is. */
function distrust(socket: TLSSocket, takesTokens: boolean): string | undefined {
  if (socket.alpnProtocol !== 'h2') return 'it does not speak HTTP/2';
  if (socket.authorized) return undefined;
  const isBare = Object.keys(socket.getPeerCertificate()).length === 0;
  if (isBare) return takesTokens ? undefined : 'it showed no certificate';
  return `its certificate is not trusted (${String(socket.authorizationError)})`;
}

/** An error of OpenSSL is a line of numbers and names: only its reason is told. */
function reasonOf(error: Error & { readonly reason?: string; readonly code?: string }): string {
  if (error.code === 'ECONNRESET') return 'it broke off (does it trust the certificate of this coordinator?)';
  return error.reason ?? error.code ?? error.message;
}
