/** The connections of a server: how many there are, how fast new ones come, and which of them have made a call. */
import type { Socket } from 'node:net';
import { TokenBucket } from 'limiter';
import type { Limits, Rate } from './limits.js';

/** Rates of addresses without connections are forgotten this often. */
const SWEEP_MS = 60_000;

interface Entry {
  readonly calls: TokenBucket;
  /** Breaks the connection if it makes no call; nothing once it has made one. */
  greeting: NodeJS.Timeout | undefined;
  readonly socket: Socket;
}

function bucketOf({ perSecond, burst }: Rate): TokenBucket {
  const bucket = new TokenBucket({ bucketSize: burst, tokensPerInterval: perSecond, interval: 1000 });
  bucket.content = burst;
  return bucket;
}

/** Names a connection in the calls that come over it. */
export function connectionKey(info: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}): string {
  return `${info.remoteAddress} ${info.remotePort}`;
}

export class Connections {
  readonly #limits: Limits;
  readonly #entries = new Map<string, Entry>();
  readonly #addresses = new Map<string, TokenBucket>();
  readonly #sockets = new Set<Socket>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Takes a new connection, or breaks it: why, in a line. */
  admit(socket: Socket): string | undefined {
    const { remoteAddress = '' } = socket;
    const bucket = this.#addresses.get(remoteAddress) ?? bucketOf(this.#limits.newConnections);
    this.#addresses.set(remoteAddress, bucket);
    if (!bucket.tryRemoveTokens(1)) {
      socket.destroy();
      return `more than ${this.#limits.newConnections.perSecond} new connections a second`;
    }
    const greeting = setTimeout(() => socket.destroy(), this.#limits.firstMessageMs);
    const key = connectionKey(socket);
    const entry: Entry = { calls: bucketOf(this.#limits.newCalls), greeting, socket };
    this.#entries.set(key, entry);
    this.#sockets.add(socket);
    socket.once('close', () => {
      clearTimeout(greeting);
      this.#sockets.delete(socket);
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return undefined;
  }

  /** A connection has made a call that was let in. */
  greeted(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    clearTimeout(entry.greeting);
    entry.greeting = undefined;
  }

  /** Whether a connection may make one more call now. */
  mayCall(key: string): boolean {
    return this.#entries.get(key)?.calls.tryRemoveTokens(1) ?? false;
  }

  /** Resolves when the last one has ended; those that have made no call yet are broken at once. */
  async ended(): Promise<void> {
    for (const { greeting, socket } of this.#entries.values()) if (greeting) socket.destroy();
    await Promise.all(
      [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
  }

  /** Breaks those that are left. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const socket of this.#sockets) socket.destroy();
  }

  #sweep(): void {
    for (const [address, bucket] of this.#addresses) {
      bucket.drip();
      if (bucket.content >= bucket.bucketSize) this.#addresses.delete(address);
    }
  }
}
