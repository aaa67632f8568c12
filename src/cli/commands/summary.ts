/** `bitgibbs summary`: what the draws of a run say, and how far they can be trusted. */
import { analyse } from '../../report/analysis.js';
import { findTest } from '../../report/test-rows.js';
import { readModel } from '../../store/read-model.js';
import { openRun } from '../../store/read-run.js';
import type { SummaryFlags } from '../flags/results.js';
import { chooseWeights, posteriorJson, posteriorText, type PosteriorSummary } from '../posterior-table.js';

/** @throws InputError when the folder holds no run, the run no draws, or a weight is none of its */
export async function summary(folder: string, flags: SummaryFlags): Promise<void> {
  const reader = await openRun(folder);
  const { manifest } = reader;
  const model = await readModel(folder, manifest);
  const test = await findTest(folder, manifest, flags.test);
  const { chains, classNames } = manifest.settings;
  const analysis = await analyse(reader, model, chains, 'rows' in test ? test.rows : undefined);
  const result: PosteriorSummary = {
    ...{ folder, manifest, analysis, status: await reader.status(), reason: reader.reason },
    chosen: chooseWeights(analysis, flags.weights, classNames),
    ...('missing' in test ? { missingTest: test.missing } : {}),
  };
  process.stdout.write(flags.json ? posteriorJson(result) : posteriorText(result));
}
