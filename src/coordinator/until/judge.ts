/** What a stop rule is asked about: lp, and what the draws predict for a few rows. */
import { GrowingSeries } from '../../diagnostics/growing-series.js';
import { RunDiagnostics } from '../../diagnostics/run-diagnostics.js';
import { type Estimate, estimate } from '../../diagnostics/scalar.js';
import { judge, type StopRule, type StopVerdict } from '../../diagnostics/stop-rule.js';
import { classOf, countClasses, USUAL_LIMITS } from '../../diagnostics/weight-class.js';
import { logPosterior, type Model } from '../../posterior/model.js';
import { takeRows, type Rows } from '../../posterior/rows.js';
import { unpackWeights } from '../../posterior/weights.js';
import { type LogitSource, plainLogits } from '../../predict/logits.js';

export interface JudgeSetup {
  readonly rule: StopRule;
  readonly model: Model;
  readonly chains: number;
  /** Rows whose predictive probabilities are watched. */
  readonly watched: Rows;
}

/** A draw as it is sent to a judge. */
export interface JudgedDraw {
  readonly chain: number;
  readonly draw: number;
  /** One bit a weight, least significant first. */
  readonly packed: Uint8Array;
  /** Log-likelihood on the grid. */
  readonly logLikQ: number;
}

const MOST_WATCHED = 16;

/** A few rows, evenly spread over those given. */
export function rowsToWatch(rows: Rows): Rows {
  const count = Math.min(MOST_WATCHED, rows.count);
  return takeRows(
    rows,
    Array.from({ length: count }, (_, i) => Math.floor((i * rows.count) / count)),
  );
}

/** Probability of the label of row n. */
function labelProbability(z: ArrayLike<number>, n: number, classes: number, label: number): number {
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(z[n * classes + k]! - z[n * classes + label]!);
  return 1 / sum;
}

export class Judge {
  readonly #setup: JudgeSetup;
  readonly #diagnostics: RunDiagnostics;
  readonly #logits: LogitSource;
  /** By watched row, then chain. */
  readonly #probabilities: GrowingSeries[][];

  constructor(setup: JudgeSetup) {
    this.#setup = setup;
    const { model, chains, watched } = setup;
    this.#diagnostics = new RunDiagnostics(model, chains);
    this.#logits = plainLogits(watched, model.classes);
    this.#probabilities = Array.from({ length: watched.count }, () =>
      Array.from({ length: chains }, () => new GrowingSeries()),
    );
  }

  /** Draws must come in the order (draw, chain). */
  add({ chain, draw, packed, logLikQ }: JudgedDraw): void {
    const { model, watched } = this.#setup;
    const w = unpackWeights(packed, model.features * model.classes);
    this.#diagnostics.add({ chain, draw, packed, lp: logPosterior(model, w, logLikQ) });
    const z = this.#logits.logits(w);
    this.#probabilities.forEach((series, n) => {
      series[chain]!.push(labelProbability(z, n, model.classes, watched.labels[n]!));
    });
  }

  verdict(): StopVerdict {
    const { rule, chains } = this.#setup;
    const { draws } = this.#diagnostics;
    const predicted = this.#probabilities.map((series, n): [string, Estimate] => [
      `row ${n}`,
      estimate(series.map((values) => values.first(draws))),
    ]);
    const quantities = new Map<string, Estimate>([['lp', this.#diagnostics.lp()], ...predicted]);
    return judge(rule, { draws, chains, quantities, classes: () => this.#classes() });
  }

  #classes() {
    return countClasses([...this.#diagnostics.weights()].map((bit) => classOf(bit, USUAL_LIMITS)));
  }
}
