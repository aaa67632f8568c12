/** What the stored draws of a run say, gathered in one pass: log posterior and acceptance by chain, and the digest. */
import { NAT_Q } from '../posterior/grid.js';
import { logPosterior, type Model } from '../posterior/model.js';
import { noCounts, sumOfCounts, type MoveCounts } from '../sampler/moves.js';
import { DrawDigest } from '../store/digest.js';
import type { DrawReader, StoredDraw } from '../store/store.js';

export interface ChainSummary {
  readonly draws: number;
  /** Mean, standard deviation (divisor draws - 1) and last value of lp in nat; NaN where there are too few draws. */
  readonly lpMean: number;
  readonly lpSd: number;
  readonly lpLast: number;
  /** Log-likelihood of the last draw in nat. */
  readonly logLikLast: number;
  readonly counts: MoveCounts;
}

export interface DrawSummary {
  readonly chains: readonly ChainSummary[];
  /** SHA-256 over all draws, see store/digest.ts. */
  readonly digest: string;
}

/** One chain's figures as its draws go by (Welford). */
class ChainTally {
  #draws = 0;
  #mean = NaN;
  #squares = 0;
  #last = NaN;
  #logLikLast = NaN;
  #counts = noCounts();

  add(lp: number, logLik: number, counts: MoveCounts): void {
    this.#draws++;
    const before = this.#draws === 1 ? lp : this.#mean;
    this.#mean = before + (lp - before) / this.#draws;
    this.#squares += (lp - before) * (lp - this.#mean);
    this.#last = lp;
    this.#logLikLast = logLik;
    this.#counts = sumOfCounts(this.#counts, counts);
  }

  summary(): ChainSummary {
    const lpSd = this.#draws > 1 ? Math.sqrt(this.#squares / (this.#draws - 1)) : NaN;
    return {
      draws: this.#draws,
      lpMean: this.#mean,
      lpSd,
      lpLast: this.#last,
      logLikLast: this.#logLikLast,
      counts: this.#counts,
    };
  }
}

/**
 * Reads all draws up to the horizon.
 * @param seen is shown each draw on the way
 */
export async function summarizeDraws(
  reader: DrawReader,
  model: Model,
  chains: number,
  seen: (draw: StoredDraw) => void = () => undefined,
): Promise<DrawSummary> {
  const tallies = Array.from({ length: chains }, () => new ChainTally());
  const digest = new DrawDigest({ features: model.features, classes: model.classes, chains });
  for await (const draw of reader.read(0, reader.horizon)) {
    digest.add(draw);
    const lp = logPosterior(model, draw.w, draw.logLikQ);
    tallies[draw.chain]!.add(lp, draw.logLikQ / NAT_Q, draw.counts);
    seen(draw);
  }
  return { chains: tallies.map((tally) => tally.summary()), digest: digest.hex() };
}
