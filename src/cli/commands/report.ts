/** `bitgibbs report`: one page of figures about a run. */
import { analyse } from '../../report/analysis.js';
import { reportPage } from '../../report/page.js';
import { gatherFacts } from '../../report/run-facts.js';
import { findTest } from '../../report/test-rows.js';
import { warmupTraces } from '../../report/warmup-traces.js';
import { readModel } from '../../store/read-model.js';
import { openRun } from '../../store/read-run.js';
import type { ReportFlags } from '../flags/results.js';
import { saveFile } from '../save-file.js';

/** @throws InputError, RunError */
export async function report(folder: string, flags: ReportFlags): Promise<void> {
  const reader = await openRun(folder);
  const { manifest } = reader;
  const model = await readModel(folder, manifest);
  const test = await findTest(folder, manifest, flags.test);
  const analysis = await analyse(
    reader,
    model,
    manifest.settings.chains,
    'rows' in test ? test.rows : undefined,
  );
  const facts = await gatherFacts(reader);
  const { warmup } = reader;
  const page = reportPage({
    ...{ facts, analysis },
    ...(warmup ? { warmup: await warmupTraces(warmup, model, analysis.chains) } : {}),
    ...('missing' in test ? { missingTest: test.missing } : {}),
  });
  await saveFile(flags.out, page, flags.force ?? false);
  process.stdout.write(`${flags.out}: ${(page.length / 1e6).toFixed(1)} MB\n`);
}
