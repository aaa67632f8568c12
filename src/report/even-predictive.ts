/**
 * Predictions of a run whose draws keep coming: averaged over some of them, evenly spread, at most about a thousand. Which
 * ones depends on the number of draws alone, and each is computed once unless it is given up again.
 */
import type { Rows } from '../posterior/rows.js';
import { packWeights, unpackWeights } from '../posterior/weights.js';
import { GroupedPredictive, type Predictions } from './grouped-predictive.js';

const MOST_PREDICTED = 1000;

export class EvenPredictive {
  readonly #test: Rows;
  readonly #classes: number;
  readonly #chains: number;
  /** Most draws of a chain that are kept. */
  readonly #most: number;
  /** Of every so many draws one is kept: 1, 2, 4, .. */
  #stride = 1;
  /** Kept weights, one bit each, by draw and chain. */
  #kept: Uint8Array[][] = [];
  #grouped: GroupedPredictive;
  /** Kept draws that are in `#grouped`. */
  #predicted = 0;

  constructor(test: Rows, classes: number, chains: number) {
    this.#test = test;
    this.#classes = classes;
    this.#chains = chains;
    this.#most = Math.max(1, Math.floor(MOST_PREDICTED / chains));
    this.#grouped = new GroupedPredictive(test, classes, chains);
  }

  /** Draws must come in the order (draw, chain). @param w one byte a weight */
  add(chain: number, draw: number, w: Uint8Array): void {
    if (chain === 0 && draw === this.#most * this.#stride) this.#giveUpEverySecond();
    if (draw % this.#stride !== 0) return;
    (this.#kept[draw / this.#stride] ??= [])[chain] = packWeights(w);
  }

  /** Of the draws that every chain has; nothing before the first. */
  predictions(): Predictions | undefined {
    const complete = this.#kept.filter((draw) => draw.length === this.#chains);
    for (; this.#predicted < complete.length; this.#predicted++) {
      complete[this.#predicted]!.forEach((packed, chain) => {
        const w = unpackWeights(packed, this.#test.features * this.#classes);
        this.#grouped.add(chain, this.#predicted, w);
      });
    }
    return this.#grouped.predictions();
  }

  #giveUpEverySecond(): void {
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
    this.#grouped = new GroupedPredictive(this.#test, this.#classes, this.#chains);
    this.#predicted = 0;
  }
}
