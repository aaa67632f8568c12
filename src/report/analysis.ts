/** Everything that a summary or a report says about the draws of a run, gathered in one pass over them. */
import { LadderDiagnostics, type LadderFigures, ladderWarnings } from '../diagnostics/ladder.js';
import { RunDiagnostics } from '../diagnostics/run-diagnostics.js';
import { type Estimate, LEAST_DRAWS } from '../diagnostics/scalar.js';
import { agreedRemark, groupedInteger, warningsOf } from '../diagnostics/warnings.js';
import {
  type ClassCounts,
  classOf,
  countClasses,
  USUAL_LIMITS,
  type WeightClass,
} from '../diagnostics/weight-class.js';
import { InputError, logPosterior, type Model } from '../posterior/model.js';
import type { Rows } from '../posterior/rows.js';
import { packWeights } from '../posterior/weights.js';
import type { DrawReader, StoredDraw } from '../store/store.js';
import { EvenPredictive } from './even-predictive.js';
import type { Predictions } from './grouped-predictive.js';

/** One weight: its place, its figures and its class. */
export interface WeightFigures extends Estimate {
  readonly feature: number;
  readonly class: number;
  readonly kind: WeightClass;
  readonly flips: number;
  /** Share of each chain's draws at which it is 1. */
  readonly meanOfChains: readonly number[];
}

export interface Analysis {
  readonly model: Model;
  readonly chains: number;
  /** Draws a chain. */
  readonly draws: number;
  /** Of every so many draws one is in the weights' figures; 1 unless memory was short. */
  readonly stride: number;
  readonly lp: Estimate;
  /** Nat, by chain and draw. */
  readonly lpOfChains: readonly Float64Array[];
  readonly lpAutocorrelations: Float64Array;
  /** The weights that the model does not pin, in the order j K + k. */
  readonly weights: readonly WeightFigures[];
  readonly classes: ClassCounts;
  /** Absent without a test set. */
  readonly predictions?: Predictions;
  /** Of tempered chains. */
  readonly ladder?: LadderFigures;
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
}

const LAGS = 100;

function weightFigures(diagnostics: RunDiagnostics, classes: number): WeightFigures[] {
  const { freeWeights } = diagnostics;
  return [...diagnostics.weights()].map(({ ones, draws, ...figures }, i) => ({
    ...figures,
    feature: Math.floor(freeWeights[i]! / classes),
    class: freeWeights[i]! % classes,
    kind: classOf({ ...figures, ones, draws }, USUAL_LIMITS),
    meanOfChains: ones.map((count) => count / draws),
  }));
}

function remarksOf(
  diagnostics: RunDiagnostics,
  classes: ClassCounts,
  predictions: Predictions | undefined,
): string[] {
  const { stride, draws, chains } = diagnostics;
  const remark = draws < LEAST_DRAWS ? undefined : agreedRemark(classes);
  return [
    ...(remark ? [remark] : []),
    ...(stride > 1 ? [`figures of weights are of every ${stride}th draw, so that they fit in memory`] : []),
    ...(predictions && predictions.draws < draws * chains
      ? [
          `predictions are averaged over ${groupedInteger(predictions.draws)} of the ${groupedInteger(draws * chains)} draws, evenly spread`,
        ]
      : []),
  ];
}

/** Takes in the draws of a run, and says what is known from those so far. */
export class Analyser {
  readonly #model: Model;
  readonly #diagnostics: RunDiagnostics;
  readonly #predictive: EvenPredictive | undefined;

  #ladders: LadderDiagnostics | undefined;

  /** @param test rows to predict */
  constructor(model: Model, chains: number, test: Rows | undefined) {
    this.#model = model;
    this.#diagnostics = new RunDiagnostics(model, chains);
    this.#predictive = test && new EvenPredictive(test, model.classes, chains);
  }

  /** Draws that every chain has. */
  get draws(): number {
    return this.#diagnostics.draws;
  }

  /** Draws must come in the order (draw, chain). */
  add({ chain, draw, w, logLikQ, ladder }: StoredDraw): void {
    if (ladder) {
      this.#ladders ??= new LadderDiagnostics(this.#diagnostics.chains, ladder.betasQ.length);
      this.#ladders.add(chain, ladder);
    }
    const lp = logPosterior(this.#model, w, logLikQ);
    this.#diagnostics.add({ chain, draw, packed: packWeights(w), lp });
    this.#predictive?.add(chain, draw, w);
  }

  /** @throws InputError when there are no draws */
  findings(): Analysis {
    if (this.draws === 0)
      throw new InputError('the run has no draws yet: it is warming up, or was stopped before the first');
    const predictions = this.#predictive?.predictions();
    return findings(this.#diagnostics, this.#model, predictions, this.#ladders?.figures);
  }
}

/**
 * Reads all draws up to the horizon.
 * @param test rows to predict
 * @throws InputError when there are no draws
 */
export async function analyse(
  reader: DrawReader,
  model: Model,
  chains: number,
  test: Rows | undefined,
): Promise<Analysis> {
  const analyser = new Analyser(model, chains, test);
  for await (const draw of reader.read(0, reader.horizon)) analyser.add(draw);
  return analyser.findings();
}

function findings(
  diagnostics: RunDiagnostics,
  model: Model,
  predictions: Predictions | undefined,
  ladder: LadderFigures | undefined,
): Analysis {
  const { chains, draws, stride } = diagnostics;
  const weights = weightFigures(diagnostics, model.classes);
  const classes = countClasses(weights.map(({ kind }) => kind));
  const lp = diagnostics.lp();
  const lpOfChains = diagnostics.lpOfChains();
  return {
    ...{ model, chains, draws, stride, lp, lpOfChains, weights, classes },
    lpAutocorrelations: diagnostics.lpAutocorrelations(LAGS),
    ...(predictions ? { predictions } : {}),
    ...(ladder ? { ladder } : {}),
    warnings: [
      ...warningsOf({ chains, draws, lp, lpOfChains, classes }),
      ...(ladder ? ladderWarnings(ladder) : []),
    ],
    remarks: remarksOf(diagnostics, classes, predictions),
  };
}
