/** The predictive's own thread: one test set for its whole life, tasks in the order they were sent. */
import { workerData as poolData } from 'piscina';
import { loadTensorFlow } from '../kernel/tfjs/load.js';
import type { Rows } from '../posterior/rows.js';
import { unpackWeights } from '../posterior/weights.js';
import { type LogitSource, plainLogits } from './logits.js';
import { Predictive, type PredictiveReport } from './predictive.js';
import { tfjsLogits } from './tfjs-logits.js';

export interface ThreadData {
  readonly test: Rows;
  readonly classes: number;
  readonly chains: number;
  readonly source: LogitSource['name'];
}

/** A draw to add (weights packed, one bit each), or the wish for a report. */
export type ThreadTask = { readonly chain: number; readonly packed: Uint8Array } | 'report';

const { test, classes, chains, source } = poolData as ThreadData;

function logitSource(): LogitSource {
  const tf = source === 'tfjs' ? loadTensorFlow().tf : null;
  return tf ? tfjsLogits(tf, test, classes) : plainLogits(test, classes);
}

const predictive = new Predictive(test, classes, chains, logitSource());

export default function run(task: ThreadTask): PredictiveReport | undefined {
  if (task === 'report') return predictive.report();
  predictive.add(task.chain, unpackWeights(task.packed, test.features * classes));
  return undefined;
}
