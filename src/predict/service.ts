/** Posterior predictive beside a run: works in a thread of its own, so that it never holds up the one that serves. */
import { Piscina } from 'piscina';
import { loadTensorFlow } from '../kernel/tfjs/load.js';
import type { Rows } from '../posterior/rows.js';
import { packWeights } from '../posterior/weights.js';
import type { LogitSource } from './logits.js';
import type { PredictiveReport } from './predictive.js';
import type { ThreadData, ThreadTask } from './thread.js';

export interface PredictiveService {
  /** What computes the logits. */
  readonly source: LogitSource['name'];
  /** Adds a draw; returns at once. w has one byte a weight. */
  add(chain: number, w: Uint8Array): void;
  /** Scores over all draws added before. @throws when the thread failed */
  report(): Promise<PredictiveReport>;
  close(): Promise<void>;
}

/**
 * Starts the thread.
 * @param wantTensorFlow take tfjs where it can be loaded (this loads it in the calling thread too, which it needs)
 */
export function startPredictive(
  test: Rows,
  classes: number,
  chains: number,
  wantTensorFlow: boolean,
): PredictiveService {
  const source = wantTensorFlow && loadTensorFlow().tf ? 'tfjs' : 'plain';
  const workerData: ThreadData = { test, classes, chains, source };
  const pool = new Piscina<ThreadTask, PredictiveReport | undefined>({
    filename: new URL('./thread.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Infinity,
    workerData,
  });
  // One task at a time: the pool's own queue does not keep the order.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (task: ThreadTask): Promise<PredictiveReport | undefined> => {
    const result = last.then(() => pool.run(task));
    last = result;
    // Whoever waits for a later report hears of a failure; an add itself has nobody to tell.
    result.catch(() => undefined);
    return result;
  };
  return {
    source,
    add: (chain, w) => void inTurn({ chain, packed: packWeights(w) }),
    report: async () => (await inTurn('report'))!,
    close: () => pool.destroy(),
  };
}
