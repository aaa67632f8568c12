/** The facts of a run on disk, and of the machine that tells them. */
import { stat } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { RunReader } from '../store/read-run.js';
import { METADATA_FILE } from '../store/run-folder.js';
import { packageVersion } from '../telemetry/package-version.js';
import type { Machine, RunFacts } from './facts.js';

function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  };
}

export async function gatherFacts(reader: RunReader): Promise<RunFacts> {
  return {
    folder: reader.run,
    manifest: reader.manifest,
    status: await reader.status(),
    reason: reader.reason,
    changedAt: (await stat(join(reader.run, METADATA_FILE))).mtime,
    bytes: (await reader.diskUse()).totalBytes,
    draws: reader.horizon,
    machine: machine(),
    madeAt: new Date(),
    version: packageVersion(),
  };
}
