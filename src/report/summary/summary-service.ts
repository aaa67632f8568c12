/** Starts the thread that makes summaries; it ends when nobody has asked for a while. */
import { Piscina } from 'piscina';
import type { FiguresSetup } from '../live/figures.js';
import type { WantedWeights } from './summarize.js';
import type { SummaryAnswer } from './summary-thread.js';

export interface SummaryService {
  /** Of the draws in the run's folder now. @throws what the thread does */
  make(wanted: WantedWeights): Promise<SummaryAnswer>;
  close(): Promise<void>;
}

const IDLE_MS = 120_000;

export function startSummaries(setup: FiguresSetup): SummaryService {
  const pool = new Piscina<WantedWeights, SummaryAnswer>({
    filename: new URL('./summary-thread.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    workerData: setup,
  });
  return { make: (wanted) => pool.run(wanted), close: () => pool.destroy() };
}
