/** `bitgibbs report`: one page of figures about a run. */
import { stat } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../report/analysis.js';
import type { Machine, RunFacts } from '../../report/facts.js';
import { reportPage } from '../../report/page.js';
import { findTest } from '../../report/test-rows.js';
import { warmupTraces } from '../../report/warmup-traces.js';
import { readModel } from '../../store/read-model.js';
import { openRun, type RunReader } from '../../store/read-run.js';
import { METADATA_FILE } from '../../store/run-folder.js';
import { packageVersion } from '../../telemetry/package-version.js';
import type { ReportFlags } from '../flags/results.js';
import { saveFile } from '../save-file.js';

function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  };
}

async function factsOf(folder: string, reader: RunReader): Promise<RunFacts> {
  return {
    folder,
    manifest: reader.manifest,
    status: await reader.status(),
    reason: reader.reason,
    changedAt: (await stat(join(folder, METADATA_FILE))).mtime,
    bytes: (await reader.diskUse()).totalBytes,
    draws: reader.horizon,
    machine: machine(),
    madeAt: new Date(),
    version: packageVersion(),
  };
}

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
  const facts = await factsOf(folder, reader);
  const { warmup } = reader;
  const page = reportPage({
    ...{ facts, analysis },
    ...(warmup ? { warmup: await warmupTraces(warmup, model, analysis.chains) } : {}),
    ...('missing' in test ? { missingTest: test.missing } : {}),
  });
  await saveFile(flags.out, page, flags.force ?? false);
  process.stdout.write(`${flags.out}: ${(page.length / 1e6).toFixed(1)} MB\n`);
}
