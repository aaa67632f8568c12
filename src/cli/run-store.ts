/** The store of a run: begun or gone on with as the flags say, and taken away again when the run could not begin. */
import { rmdir } from 'node:fs/promises';
import { createRun, resumeRun } from '../store/open.js';
import type { RunSpec } from '../store/manifest.js';
import { removeRun } from '../store/run-folder.js';
import type { DrawStore } from '../store/store.js';
import { packageVersion } from '../telemetry/package-version.js';
import { PROTOCOL_VERSION } from '../wire/version.js';
import type { OutputFlags } from './flags/groups.js';
import type { Log } from './log.js';
import type { Prepared } from './prepare.js';

export function runSpec({ data, rule, plan }: Prepared): RunSpec {
  const versions = { package: packageVersion(), protocol: PROTOCOL_VERSION };
  return { data, model: rule.model, plan, moves: rule.moves, seed: rule.seed, versions };
}

export interface OpenedStore {
  readonly store: DrawStore;
  /** What was found amiss and mended, in words. */
  readonly notices: readonly string[];
  /** The run could not begin: leaves nothing behind of a new one. */
  abandon(): Promise<void>;
}

/** @throws InputError when the folder can't be used */
export async function openStore(prepared: Prepared, { force, resume }: OutputFlags): Promise<OpenedStore> {
  const { out } = prepared;
  const spec = runSpec(prepared);
  const store = resume ? await resumeRun(out, spec) : await createRun(out, spec, { force: force ?? false });
  return {
    store,
    notices: store.notices,
    abandon: async () => {
      await store.close('stopped');
      if (resume) return;
      await removeRun(out);
      // Not where it held something before: then it isn't empty.
      await rmdir(out).catch(() => undefined);
    },
  };
}

export function logNotices(notices: readonly string[], log: Log): void {
  for (const notice of notices) log(notice);
}
