/** What a session prints at its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinatorHandle, RunOutcome } from '../coordinator/options.js';
import { summarizeDraws } from './draw-summary.js';
import type { PredictiveFeed } from './predictive-feed.js';
import type { Prepared } from './prepare.js';
import type { PhaseClock } from './progress/phases.js';
import type { OpenedStore } from './run-store.js';
import { briefText, summaryText } from './summary.js';

/** A stopped run is summed up where that takes no longer. */
const STOPPED_SUMMARY_MS = 3_000;

export interface SummarySources {
  readonly prepared: Prepared;
  readonly opened: OpenedStore;
  readonly handle: CoordinatorHandle;
  readonly feed: PredictiveFeed | undefined;
  readonly phases: PhaseClock;
  /** The command that goes on with what is stored. */
  readonly goOn: string;
  readonly logFile: string | undefined;
  /** What was said of the warm-up's length. */
  readonly warmup: string | undefined;
}

function headFacts({ kind }: RunOutcome, { prepared, handle, goOn }: SummarySources) {
  const { rule, out } = prepared;
  const { elapsedSeconds: seconds, drawsWanted } = handle.status();
  return { kind, seconds, out, seed: rule.seed, drawsWanted, goOn };
}

async function wholeText(outcome: RunOutcome, sources: SummarySources): Promise<string> {
  const { prepared, opened, handle, feed, phases, logFile, warmup } = sources;
  const { rule, plan } = prepared;
  const layout = handle.status();
  const draws = await summarizeDraws(opened.store, rule.model, plan.chains);
  const predictive = await feed?.finish();
  return summaryText({
    ...headFacts(outcome, sources),
    ...{ draws, predictive, layout, phases: phases.totals, warmup, logFile },
    until: opened.until?.store.verdict?.reason,
  });
}

/** The summary; whoever stops a run wants it to end: what takes long is left out then. */
export async function sessionSummary(outcome: RunOutcome, sources: SummarySources): Promise<string> {
  const whole = wholeText(outcome, sources);
  if (outcome.kind === 'finished') return whole;
  const brief = sleep(STOPPED_SUMMARY_MS).then(() => briefText(headFacts(outcome, sources), outcome.draws));
  const text = await Promise.race([whole, brief]);
  whole.catch(() => undefined);
  return text;
}
