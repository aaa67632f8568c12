/** Makes figures in a thread of its own, at low priority, so that they never hold up who serves and who samples. */
import { gzipSync } from 'node:zlib';
import { workerData as poolData } from 'piscina';
import { Figures, type FiguresSetup, giveWay } from './figures.js';

/** Figures as they are sent: their HTML, gzipped. */
export interface PackedFigures {
  readonly draws: number;
  readonly gzipped: Uint8Array;
}

giveWay();
let figures: Figures | undefined;

export default async function run(): Promise<PackedFigures | undefined> {
  try {
    figures ??= await Figures.open(poolData as FiguresSetup);
    const made = await figures.make();
    return made && { draws: made.draws, gzipped: gzipSync(made.html) };
  } catch (error) {
    // What was half taken in is not gone on with.
    figures = undefined;
    throw error;
  }
}
