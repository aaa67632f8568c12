/** What peers may ask of a coordinator's server. A limit that is broken ends the call or the connection, nothing else. */
export interface Limits {
  /** Connections at a time, of all peers. */
  readonly connections: number;
  /** Calls at a time, of all peers; a worker's stream is one. */
  readonly calls: number;
  /** Calls at a time on one connection. */
  readonly callsPerConnection: number;
  /** A connection has to make a call that is let in, and a call to bring its first message, within so many ms. */
  readonly firstMessageMs: number;
  /** A connection without calls is closed after so many ms. */
  readonly idleMs: number;
  /** New connections a second from one address, and how many at once after a rest. */
  readonly newConnections: Rate;
  /** New calls a second on one connection, and how many at once after a rest. */
  readonly newCalls: Rate;
}

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export const DEFAULT_LIMITS: Limits = {
  connections: 1_000,
  calls: 4_000,
  callsPerConnection: 64,
  firstMessageMs: 10_000,
  idleMs: 120_000,
  // Beginnings that lead to nothing hold less than the connections there are: 256 + 10 s of 32.
  newConnections: { perSecond: 32, burst: 256 },
  newCalls: { perSecond: 64, burst: 512 },
};

/** Bytes of a request; only answers of joined workers may be larger, as large as what was asked of them. */
export const REQUEST_BYTES = 128 * 1024;
