/** The log posterior of a run's warm-up, for a trace. */
import { logPosterior, type Model } from '../posterior/model.js';
import type { DrawReader } from '../store/store.js';
import { MOST_POINTS } from './chart.js';

export interface WarmupPoint {
  readonly chain: number;
  /** Sweeps done. */
  readonly sweep: number;
  /** With the likelihood at its whole weight, nat. */
  readonly lp: number;
}

/**
 * Reads the warm-up draws; of more than MOST_POINTS an even selection.
 * @param chains number of chains
 */
export async function warmupTraces(reader: DrawReader, model: Model, chains: number): Promise<WarmupPoint[]> {
  const every = Math.max(1, Math.ceil((reader.horizon * chains) / MOST_POINTS));
  const points: WarmupPoint[] = [];
  for await (const { chain, draw, sweep, w, logLikQ } of reader.read(0, reader.horizon)) {
    if (draw % every === 0) points.push({ chain, sweep: sweep + 1, lp: logPosterior(model, w, logLikQ) });
  }
  return points;
}
