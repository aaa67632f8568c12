/** The store of a run: begun or gone on with as the flags say, and taken away again when the run could not begin. */
import { rmdir } from 'node:fs/promises';
import { startJudge } from '../coordinator/until/judge-service.js';
import { rowsToWatch } from '../coordinator/until/judge.js';
import { JudgedStore } from '../coordinator/until/judged-store.js';
import type { StopRule } from '../diagnostics/stop-rule.js';
import { createRun, resumeRun } from '../store/open.js';
import type { RunSpec } from '../store/manifest.js';
import { removeRun } from '../store/run-folder.js';
import type { DrawStore } from '../store/store.js';
import { packageVersion } from '../telemetry/package-version.js';
import { PROTOCOL_VERSION } from '../wire/version.js';
import type { OutputFlags, SamplingFlags } from './flags/groups.js';
import type { Log } from '../telemetry/log.js';
import type { Prepared } from './prepare.js';

export function runSpec({ data, rule, plan }: Prepared): RunSpec {
  const versions = { package: packageVersion(), protocol: PROTOCOL_VERSION };
  const ownTest = data.testIsOwn && data.test ? { ownTest: data.test } : {};
  return {
    data: { ...data, ...ownTest },
    model: rule.model,
    plan,
    moves: rule.moves,
    seed: rule.seed,
    versions,
  };
}

/** A stop rule at work on a run. */
export interface Until {
  readonly store: JudgedStore;
  /** Resolves with the reason when the rule is met. */
  readonly met: Promise<string>;
}

export interface OpenedStore {
  readonly store: DrawStore;
  /** Where the flags have a stop rule: `store` is its store. */
  readonly until?: Until;
  /** What was found amiss and mended, in words. */
  readonly notices: readonly string[];
  /** The run could not begin: leaves nothing behind of a new one. */
  abandon(): Promise<void>;
}

/** @throws InputError when the folder can't be used */
export async function openStore(
  prepared: Prepared,
  { force, resume, until: rule }: OutputFlags & Pick<SamplingFlags, 'until'>,
): Promise<OpenedStore> {
  const { out } = prepared;
  const spec = runSpec(prepared);
  const onDisk = resume ? await resumeRun(out, spec) : await createRun(out, spec, { force: force ?? false });
  const until = rule && judged(onDisk, prepared, rule);
  const store = until?.store ?? onDisk;
  return {
    store,
    ...(until ? { until } : {}),
    notices: onDisk.notices,
    abandon: async () => {
      await store.close('stopped');
      if (resume) return;
      await removeRun(out);
      // Not where it held something before: then it isn't empty.
      await rmdir(out).catch(() => undefined);
    },
  };
}

function judged(store: DrawStore, { data, rule, plan }: Prepared, stopRule: StopRule): Until {
  let tell: (reason: string) => void = () => undefined;
  const met = new Promise<string>((resolve) => (tell = resolve));
  const watched = rowsToWatch(data.test ?? data.rows);
  const judge = startJudge({ rule: stopRule, model: rule.model, chains: plan.chains, watched });
  return { store: new JudgedStore(store, plan, judge, tell), met };
}

export function logNotices(notices: readonly string[], log: Log): void {
  for (const notice of notices) log(notice);
}
