/** What `sample` gives: the draws, and what they say. */
import { logPosterior, type Model } from '../posterior/model.js';
import { analyse, type Analysis } from '../report/analysis.js';
import { digestOf } from '../store/digest.js';
import type { DrawReader } from '../store/store.js';

export interface Draw {
  readonly chain: number;
  /** Number within its chain, from 0. */
  readonly draw: number;
  /** One byte a weight, 0 or 1, length D K, index j K + k. */
  readonly w: Uint8Array;
  /** Log-likelihood plus log prior, nat. */
  readonly lp: number;
}

export class SampleResult {
  readonly #reader: DrawReader;
  readonly #model: Model;

  constructor(
    reader: DrawReader,
    model: Model,
    readonly chains: number,
  ) {
    this.#reader = reader;
    this.#model = model;
  }

  /** Draws a chain. */
  get draws(): number {
    return this.#reader.horizon;
  }

  /** D */
  get features(): number {
    return this.#model.features;
  }

  /** K */
  get classes(): number {
    return this.#model.classes;
  }

  /** All draws, in the order (draw, chain). */
  async *[Symbol.asyncIterator](): AsyncGenerator<Draw> {
    for await (const { chain, draw, w, logLikQ } of this.#reader.read(0, this.draws)) {
      yield { chain, draw, w, lp: logPosterior(this.#model, w, logLikQ) };
    }
  }

  /** Share of all draws in which each weight is 1, length D K, index j K + k. */
  async means(): Promise<Float64Array> {
    const ones = new Float64Array(this.features * this.classes);
    for await (const { w } of this) for (let i = 0; i < ones.length; i++) ones[i]! += w[i]!;
    return ones.map((count) => count / (this.draws * this.chains));
  }

  /** lp and every weight: mean, sd, Monte Carlo errors, effective sizes, R-hat, classes of weights, warnings in words. */
  summary(): Promise<Analysis> {
    return analyse(this.#reader, this.#model, this.chains, undefined);
  }

  /** The SHA-256 over all draws that `bitgibbs digest` prints. */
  digest(): Promise<string> {
    return digestOf(this.#reader, { features: this.features, classes: this.classes, chains: this.chains });
  }
}
