/** Counts who was turned away at the port, and tells the log who was turned away, but not more often than a log should grow. */
import { TokenBucket } from 'limiter';
import type { Log } from '../../telemetry/log.js';
import type { RefusedCounts } from './refused.js';

const BURST = 20;
const PER_MINUTE = 20;

export class Refusals {
  readonly #log: Log;
  readonly #counts: RefusedCounts;
  readonly #bucket = new TokenBucket({
    bucketSize: BURST,
    tokensPerInterval: PER_MINUTE,
    interval: 'minute',
  });
  #untold = 0;

  constructor(log: Log, counts: RefusedCounts) {
    this.#log = log;
    this.#counts = counts;
    this.#bucket.content = BURST;
  }

  note(address: string | undefined, reason: string): void {
    this.#counts.connection++;
    if (!this.#bucket.tryRemoveTokens(1)) {
      this.#untold++;
      return;
    }
    const more = this.#untold === 0 ? '' : ` (and ${this.#untold} others were, before)`;
    this.#untold = 0;
    this.#log(`refused a connection${address ? ` of ${address}` : ''}: ${reason}${more}`, { level: 'warn' });
  }
}
