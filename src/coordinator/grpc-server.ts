/** The gRPC server behind its port: opening it, with errors in words, and closing it. */
import { Server } from '@grpc/grpc-js';
import type { Log } from '../telemetry/log.js';
import { CHANNEL_OPTIONS } from '../wire/channel.js';
import type { Certificates } from '../wire/security/certificates.js';
import type { TokenList } from '../wire/security/tokens.js';
import { Connections } from './access/connections.js';
import { Gate } from './access/gate.js';
import { DEFAULT_LIMITS, type Limits } from './access/limits.js';
import { Listener } from './access/listener.js';
import { noneRefused } from './access/refused.js';

/** Who may come in. */
export interface Access {
  /** Own certificate and authorities: everything is encrypted, and peers have to prove who they are. */
  readonly certificates?: Certificates;
  /** Tokens of clients without a certificate. */
  readonly tokens?: TokenList;
  /** Serve anyone beyond this machine without certificates. */
  readonly insecure?: boolean;
  readonly limits?: Partial<Limits>;
}

/** What a server holds at the moment. */
export interface ServerLoad {
  readonly connections: number;
  readonly calls: number;
}

export class CoordinatorServer {
  readonly grpc: Server;
  readonly refused = noneRefused();
  readonly #access: Access;
  readonly #limits: Limits;
  readonly #connections: Connections;
  readonly #gate: Gate;
  readonly #log: Log;
  #listener: Listener | undefined;

  constructor(access: Access, log: Log) {
    const { certificates, tokens } = access;
    this.#access = access;
    this.#log = log;
    this.#limits = { ...DEFAULT_LIMITS, ...access.limits };
    this.#connections = new Connections(this.#limits);
    this.#gate = new Gate({
      isSecured: certificates !== undefined,
      ...(tokens ? { tokens } : {}),
      ...{ limits: this.#limits, connections: this.#connections, refused: this.refused },
    });
    this.grpc = new Server({
      ...CHANNEL_OPTIONS,
      'grpc.max_concurrent_streams': this.#limits.callsPerConnection,
      'grpc.max_connection_idle_ms': this.#limits.idleMs,
      interceptors: [this.#gate.interceptor],
    });
  }

  get load(): ServerLoad {
    return { connections: this.#connections.size, calls: this.#gate.calls };
  }

  /** Starts to listen; the address as bound. @throws InputError, see Listener.open */
  async listen(address: string): Promise<string> {
    const { certificates, tokens, insecure = false } = this.#access;
    this.#listener = await Listener.open(this.grpc, {
      ...{ address, certificates, insecure, takesTokens: tokens !== undefined },
      ...{ limits: this.#limits, connections: this.#connections },
      ...{ refused: this.refused, log: this.#log },
    });
    return this.#listener.address;
  }

  /** Breaks everything at once. */
  abandon(): void {
    this.#listener?.close();
    this.grpc.forceShutdown();
    this.#connections.close();
  }

  /**
   * Lets calls under way end, and breaks them once none has moved on for `graceMs`.
   * @param progress a number that grows as long as calls move on
   */
  close(graceMs: number, progress: () => number): Promise<void> {
    this.#listener?.close();
    return new Promise((resolve) => {
      let seen = progress();
      const over = (): void => {
        clearInterval(timer);
        this.#connections.close();
        resolve();
      };
      const timer = setInterval(() => {
        const now = progress();
        if (now === seen) {
          this.grpc.forceShutdown();
          // The other end of a connection that a dead network holds open is not waited for.
          over();
        }
        seen = now;
      }, graceMs);
      // On Node 24 it is done before the last messages have left: the connections have to be gone, too.
      this.grpc.tryShutdown(() => void this.#connections.ended().then(over));
    });
  }
}
