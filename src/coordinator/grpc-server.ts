/** The gRPC server: opening it, with errors in words, and closing it. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { formatAddress, listenError, parseAddress } from '../wire/address.js';
import { CHANNEL_OPTIONS } from '../wire/channel.js';

export function makeServer(): Server {
  return new Server(CHANNEL_OPTIONS);
}

/** Starts to listen; the address as bound. @throws InputError when it is malformed, in use or not this machine's */
export function listenOn(server: Server, address: string): Promise<string> {
  const { host, port } = parseAddress(address, 'listen address');
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress({ host, port }), ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(listenError(error, address, 'listen address') ?? error);
      else resolve(formatAddress({ host, port: bound }));
    });
  });
}

/**
 * Lets calls under way end, and breaks them once none has moved on for `graceMs`.
 * @param progress a number that grows as long as calls move on
 */
export function closeServer(server: Server, graceMs: number, progress: () => number): Promise<void> {
  return new Promise((resolve) => {
    let seen = progress();
    const over = (): void => {
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(() => {
      const now = progress();
      if (now === seen) {
        server.forceShutdown();
        // The other end of a connection that a dead network holds open is not waited for.
        over();
      }
      seen = now;
    }, graceMs);
    server.tryShutdown(over);
  });
}
