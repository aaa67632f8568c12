/** `bitgibbs summary`: what the draws of a run say, and how far they can be trusted. */
import { existsSync } from 'node:fs';
import type { RunInfo } from '../../client/index.js';
import { parseAddress } from '../../wire/address.js';
import { analyse } from '../../report/analysis.js';
import { summarize } from '../../report/summary/summarize.js';
import { findTest } from '../../report/test-rows.js';
import { readModel } from '../../store/read-model.js';
import { openRun } from '../../store/read-run.js';
import type { SummaryFlags } from '../flags/results.js';
import {
  posteriorJson,
  posteriorText,
  wantedWeights,
  type PosteriorSummary,
  type SummedRun,
} from '../posterior-table.js';
import { UsageError } from '../errors.js';
import { withClient } from '../with-client.js';

function isAddress(text: string): boolean {
  try {
    parseAddress(text, 'it');
    return !existsSync(text);
  } catch {
    return false;
  }
}

async function summaryOfFolder(folder: string, flags: SummaryFlags): Promise<PosteriorSummary> {
  const reader = await openRun(folder);
  const { manifest } = reader;
  const model = await readModel(folder, manifest);
  const test = await findTest(folder, manifest, flags.test);
  const { chains, classNames, thin } = manifest.settings;
  const analysis = await analyse(reader, model, chains, 'rows' in test ? test.rows : undefined);
  return {
    ...{ folder, manifest, status: await reader.status(), reason: reader.reason },
    analysis: summarize(analysis, wantedWeights(flags.weights, classNames, model), thin),
    ...('missing' in test ? { missingTest: test.missing } : {}),
  };
}

function summedRun(run: RunInfo): SummedRun {
  const { runId, data, draws, chains, thin, seed, classNames, warmupSweeps } = run;
  const settings = { chains, thin, seed, classNames, warmupBetasQ: { length: warmupSweeps } };
  return { runId, data, draws, settings };
}

async function summaryOfServed(address: string, flags: SummaryFlags): Promise<PosteriorSummary> {
  if (flags.test !== undefined)
    throw new UsageError('--test is for folders: a coordinator predicts the test rows it was started with');
  let summary: PosteriorSummary | undefined;
  await withClient(address, flags, async (client) => {
    const run = await client.run();
    const analysis = await client.summary(wantedWeights(flags.weights, run.classNames, run.model));
    summary = {
      ...{ folder: address, manifest: summedRun(run), status: run.phase, reason: undefined, analysis },
      ...(analysis.test ? {} : { missingTest: 'There are no held-out rows to predict.' }),
    };
  });
  return summary!;
}

/**
 * @param target a folder, or the address of a coordinator
 * @throws InputError when the folder holds no run, the run no draws, or a weight is none of its; ClientError
 */
export async function summary(target: string, flags: SummaryFlags): Promise<void> {
  const result = await (isAddress(target) ? summaryOfServed(target, flags) : summaryOfFolder(target, flags));
  process.stdout.write(flags.json ? posteriorJson(result) : posteriorText(result));
}
