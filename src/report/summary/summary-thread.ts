/** Summaries of a run that goes on, in a thread of its own, at low priority; draws are taken in as they come. */
import { workerData as poolData } from 'piscina';
import { InputError } from '../../posterior/model.js';
import { readModel } from '../../store/read-model.js';
import { openRun, type RunReader } from '../../store/read-run.js';
import type { RunSummary } from '../../wire/codec/summary.js';
import { Analyser } from '../analysis.js';
import { type FiguresSetup, giveWay } from '../live/figures.js';
import { summarize, type WantedWeights } from './summarize.js';

/** A summary, or what is wrong with the weights asked for; nothing before the first draw. */
export type SummaryAnswer = { readonly summary: RunSummary } | { readonly wrong: string } | undefined;

giveWay();
let opened: { readonly reader: RunReader; readonly analyser: Analyser } | undefined;

async function open({ folder, test }: FiguresSetup): Promise<NonNullable<typeof opened>> {
  const reader = await openRun(folder);
  const model = await readModel(folder, reader.manifest);
  return { reader, analyser: new Analyser(model, reader.manifest.settings.chains, test) };
}

export default async function run(wanted: WantedWeights): Promise<SummaryAnswer> {
  try {
    opened ??= await open(poolData as FiguresSetup);
    const { reader, analyser } = opened;
    const draws = await reader.refresh();
    for await (const draw of reader.read(analyser.draws, draws)) analyser.add(draw);
    if (draws === 0) return undefined;
    const analysis = analyser.findings();
    try {
      return { summary: summarize(analysis, wanted, reader.manifest.settings.thin) };
    } catch (error) {
      if (error instanceof InputError) return { wrong: error.message };
      throw error;
    }
  } catch (error) {
    // What was half taken in is not gone on with.
    opened = undefined;
    throw error;
  }
}
