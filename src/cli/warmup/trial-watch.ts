/** Judges a trial once, as soon as its draws are stored. */
import type { Model } from '../../posterior/model.js';
import type { DrawReader } from '../../store/store.js';
import { judgeTrial, type Trial, type TrialVerdict } from './trial.js';

export class TrialWatch {
  /** Resolves when the trial is judged; never where its run ends before. */
  readonly judged: Promise<TrialVerdict>;
  readonly #trial: Trial;
  readonly #reader: DrawReader;
  readonly #judge: () => Promise<TrialVerdict>;
  #resolve: (verdict: TrialVerdict) => void = () => undefined;
  #judging: Promise<void> | undefined;
  #verdict: TrialVerdict | undefined;

  constructor(trial: Trial, reader: DrawReader, model: Model, chains: number) {
    this.judged = new Promise((resolve) => (this.#resolve = resolve));
    this.#trial = trial;
    this.#reader = reader;
    this.#judge = () => judgeTrial(trial, reader, model, chains);
  }

  /** What was found; undefined until it is. */
  get verdict(): TrialVerdict | undefined {
    return this.#verdict;
  }

  /** To be called now and then. */
  look(): void {
    // A failure is told by `stands`, which every run asks at its end.
    this.#judged().catch(() => undefined);
  }

  /** Whether a run whose draws are all stored need not begin anew. */
  async stands(): Promise<boolean> {
    await this.#judged();
    return this.#verdict?.again !== true;
  }

  #judged(): Promise<void> {
    if (this.#reader.horizon < this.#trial.draws) return Promise.resolve();
    this.#judging ??= this.#judge().then((verdict) => {
      this.#verdict = verdict;
      this.#resolve(verdict);
    });
    return this.#judging;
  }
}
