/** Feeds the draws of a run to the posterior predictive as they become durable. */
import type { PredictiveReport } from '../predict/predictive.js';
import type { PredictiveService } from '../predict/service.js';
import type { DrawReader } from '../store/store.js';

const INTERVAL_MS = 1_000;

export class PredictiveFeed {
  readonly #reader: DrawReader;
  readonly #service: PredictiveService;
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #latest: PredictiveReport | undefined;
  #working: Promise<void> | undefined;
  #failure: unknown;
  #isClosed = false;

  constructor(reader: DrawReader, service: PredictiveService) {
    this.#reader = reader;
    this.#service = service;
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS);
  }

  /** Accuracy of the predictive averaged over all draws so far. */
  get accuracy(): number | undefined {
    return this.#latest?.averaged?.accuracy;
  }

  /** Takes the last draws in and gives the scores over all. */
  async finish(): Promise<PredictiveReport> {
    clearInterval(this.#timer);
    await this.#working;
    await this.#takeIn();
    if (this.#failure) throw this.#failure as Error;
    return this.#latest ?? { byChain: [] };
  }

  /** Ends it, whatever it has not taken in. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#working;
    await this.#service.close();
  }

  #tick(): void {
    if (this.#working || this.#failure || this.#reader.horizon === this.#next) return;
    this.#working = this.#takeIn()
      .catch((error: unknown) => (this.#failure = error))
      .then(() => (this.#working = undefined));
  }

  async #takeIn(): Promise<void> {
    const to = this.#reader.horizon;
    for await (const { chain, w } of this.#reader.read(this.#next, to)) {
      if (this.#isClosed) return;
      this.#service.add(chain, w);
    }
    this.#next = to;
    this.#latest = await this.#service.report();
  }
}
