/** Starts the thread that makes figures, and ends it when nobody has asked for a while: what it holds is made again. */
import { Piscina } from 'piscina';
import type { FiguresSetup } from './figures.js';
import type { PackedFigures } from './figures-thread.js';

export interface FiguresService {
  /** Figures of the draws there are now; nothing before the first. @throws what the thread does */
  make(): Promise<PackedFigures | undefined>;
  close(): Promise<void>;
}

const IDLE_MS = 120_000;

export function startFigures(setup: FiguresSetup): FiguresService {
  const pool = new Piscina<void, PackedFigures | undefined>({
    filename: new URL('./figures-thread.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    workerData: setup,
  });
  return { make: () => pool.run(), close: () => pool.destroy() };
}
