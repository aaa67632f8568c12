/** Decides about every call before anything of it is read: who makes it, whether they may, and whether there is room. */
import {
  ServerInterceptingCall,
  ServerListenerBuilder,
  status,
  type Metadata,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Role } from '../../wire/security/roles.js';
import { roleUri, rolesOf, rolesText } from '../../wire/security/roles.js';
import type { TokenList } from '../../wire/security/tokens.js';
import { CHAIN_SERVICE_NAME, WORKER_SERVICE_NAME } from '../../wire/services.js';
import { connectionKey, type Connections } from './connections.js';
import { REQUEST_BYTES, type Limits } from './limits.js';
import type { RefusedCounts } from './refused.js';
import { limitMessages, noteAllowance } from './message-limit.js';

export interface GateOptions {
  /** Whether peers have to prove who they are. */
  readonly isSecured: boolean;
  readonly tokens?: TokenList;
  readonly limits: Limits;
  readonly connections: Connections;
  readonly refused: RefusedCounts;
}

type Method = Parameters<ServerInterceptor>[0];
type Call = Parameters<ServerInterceptor>[1];

interface Refusal {
  readonly as: keyof RefusedCounts;
  readonly code: status;
  readonly details: string;
}

/** Who may use a service; any role may use those that are not named. */
const ROLE_OF_SERVICE: Readonly<Record<string, Role>> = {
  [WORKER_SERVICE_NAME]: 'worker',
  [CHAIN_SERVICE_NAME]: 'client',
};

const BEARER = /^Bearer (\S+)$/;

export class Gate {
  readonly interceptor: ServerInterceptor = (method, call) => this.#intercept(method, call);
  readonly #options: GateOptions;
  #calls = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls;
  }

  #intercept({ path, requestStream }: Method, call: Call): ServerInterceptingCall {
    limitMessages(call, REQUEST_BYTES);
    let timer: NodeJS.Timeout | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        this.#calls++;
        timer = this.#timer(call);
        const refusal = this.#refusal(path, call, metadata);
        if (refusal) {
          this.#options.refused[refusal.as]++;
          return call.sendStatus(refusal);
        }
        this.#options.connections.greeted(connectionKey(call.getConnectionInfo()));
        if (requestStream) noteAllowance(metadata, call);
        next(metadata);
      })
      .withOnReceiveMessage((message, next) => {
        if (requestStream) clearTimeout(timer);
        next(message);
      })
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        next();
      })
      .withOnCancel(() => {
        // Comes once, at the end of every call that has begun.
        clearTimeout(timer);
        this.#calls--;
      })
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  }

  /** Ends a call that doesn't say what it wants. */
  #timer(call: Call): NodeJS.Timeout {
    const { firstMessageMs } = this.#options.limits;
    const details = `nothing was asked within ${firstMessageMs} ms`;
    return setTimeout(() => call.sendStatus({ code: status.DEADLINE_EXCEEDED, details }), firstMessageMs);
  }

  #refusal(path: string, call: Call, metadata: Metadata): Refusal | undefined {
    const { limits, connections, isSecured } = this.#options;
    const tooMany = (details: string): Refusal => ({
      ...{ as: 'resource_exhausted', code: status.RESOURCE_EXHAUSTED, details },
    });
    if (this.#calls > limits.calls) return tooMany(`this coordinator takes ${limits.calls} calls at a time`);
    if (!connections.mayCall(connectionKey(call.getConnectionInfo()))) {
      return tooMany(`more than ${limits.newCalls.perSecond} new calls a second on one connection`);
    }
    return isSecured ? this.#unauthorised(path, call, metadata) : undefined;
  }

  #unauthorised(path: string, call: Call, metadata: Metadata): Refusal | undefined {
    const certificate = call.getAuthContext().sslPeerCertificate;
    const roles = certificate ? rolesOf(certificate.subjectaltname) : this.#rolesByToken(metadata);
    if (!roles) {
      const details =
        'a certificate or a bearer token that is known here is needed (--tls-cert or --token-file)';
      return { as: 'unauthenticated', code: status.UNAUTHENTICATED, details };
    }
    const service = path.split('/')[1] ?? '';
    const needed = ROLE_OF_SERVICE[service];
    if (needed ? roles.has(needed) : roles.size > 0) return undefined;
    const details = `${service} is for certificates with ${needed ? roleUri(needed) : 'a role'}, this one has ${rolesText(roles)}`;
    return { as: 'permission_denied', code: status.PERMISSION_DENIED, details };
  }

  #rolesByToken(metadata: Metadata): ReadonlySet<Role> | undefined {
    const { tokens } = this.#options;
    const token = BEARER.exec(String(metadata.get('authorization')[0] ?? ''))?.[1];
    metadata.remove('authorization');
    return token !== undefined && tokens?.has(token) ? new Set<Role>(['client']) : undefined;
  }
}
