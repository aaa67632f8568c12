/** The figures of a run that goes on: draws are taken in as they come, and the page's HTML is made when it is asked for. */
import { setPriority } from 'node:os';
import type { Rows } from '../../posterior/rows.js';
import { readModel } from '../../store/read-model.js';
import { openRun, type RunReader } from '../../store/read-run.js';
import { Analyser } from '../analysis.js';
import { reportBody } from '../page.js';
import { gatherFacts } from '../run-facts.js';

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
  readonly #analyser: Analyser;

  private constructor(setup: FiguresSetup, reader: RunReader, analyser: Analyser) {
    this.#setup = setup;
    this.#reader = reader;
    this.#analyser = analyser;
  }

  /** @throws InputError when the folder holds no run */
  static async open(setup: FiguresSetup): Promise<Figures> {
    const reader = await openRun(setup.folder);
    const { manifest } = reader;
    const model = await readModel(setup.folder, manifest);
    return new Figures(setup, reader, new Analyser(model, manifest.settings.chains, setup.test));
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
    const facts = await gatherFacts(this.#reader);
    return { draws, html: reportBody({ facts, analysis, ...(missingTest ? { missingTest } : {}) }) };
  }
}

/** A tenth of a busy core's time; all of an idle one's. */
const NICENESS = 10;

/** Lets sampling go first. Only Linux has priorities of threads: elsewhere this would slow the whole process. */
export function giveWay(): void {
  if (process.platform === 'linux') setPriority(NICENESS);
}
