/** The figures of a run that goes on: draws are taken in as they come, and the page's HTML is made when it is asked for. */
import { setPriority } from 'node:os';
import type { Model } from '../../posterior/model.js';
import type { Rows } from '../../posterior/rows.js';
import { readModel } from '../../store/read-model.js';
import { openRun, type RunReader } from '../../store/read-run.js';
import { Analyser } from '../analysis.js';
import { reportBody } from '../page.js';
import { gatherFacts } from '../run-facts.js';
import { type WarmupPoint, warmupTraces } from '../warmup-traces.js';

export interface FiguresSetup {
  /** The run's folder. */
  readonly folder: string;
  readonly test: Rows | undefined;
  /** Why there are no predictions, where there are none. */
  readonly missingTest: string | undefined;
}

export interface MadeFigures {
  /** Draws a chain that they are of. */
  readonly draws: number;
  readonly html: string;
}

export class Figures {
  readonly #setup: FiguresSetup;
  readonly #reader: RunReader;
  readonly #model: Model;
  readonly #analyser: Analyser;
  /** Read once: with the first draw the warm-up is over. */
  #warmup: Promise<WarmupPoint[]> | undefined;

  private constructor(setup: FiguresSetup, reader: RunReader, model: Model) {
    this.#setup = setup;
    this.#reader = reader;
    this.#model = model;
    this.#analyser = new Analyser(model, reader.manifest.settings.chains, setup.test);
  }

  /** @throws InputError when the folder holds no run */
  static async open(setup: FiguresSetup): Promise<Figures> {
    const reader = await openRun(setup.folder);
    return new Figures(setup, reader, await readModel(setup.folder, reader.manifest));
  }

  /**
   * Figures of the draws that are in the run's arrays now.
   * @returns nothing before the first draw
   * @throws InputError when the files are damaged; not to be asked again then
   */
  async make(): Promise<MadeFigures | undefined> {
    const draws = await this.#reader.refresh();
    for await (const draw of this.#reader.read(this.#analyser.draws, draws)) this.#analyser.add(draw);
    if (draws === 0) return undefined;
    const { missingTest } = this.#setup;
    const analysis = this.#analyser.findings();
    const { warmup } = this.#reader;
    if (warmup) this.#warmup ??= warmupTraces(warmup, this.#model, analysis.chains);
    const html = reportBody({
      ...{ facts: await gatherFacts(this.#reader), analysis },
      ...(this.#warmup ? { warmup: await this.#warmup } : {}),
      ...(missingTest ? { missingTest } : {}),
    });
    return { draws, html };
  }
}

/** A tenth of a busy core's time; all of an idle one's. */
const NICENESS = 10;

/** Lets sampling go first. Only Linux has priorities of threads: elsewhere this would slow the whole process. */
export function giveWay(): void {
  if (process.platform === 'linux') setPriority(NICENESS);
}
