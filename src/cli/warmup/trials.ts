/** Sessions one after the other until chains agree, for `--warmup auto`; one session otherwise. */
import { existsSync } from 'node:fs';
import { InputError } from '../../posterior/model.js';
import { readManifest } from '../../store/manifest.js';
import { privateFolder } from '../../store/run-folder.js';
import { checking } from '../errors.js';
import { DEFAULT_MAX_WARMUP, DEFAULT_WARMUP, type OutputFlags, type SamplingFlags } from '../flags/groups.js';
import { checkWarmupFlags, type Trial, trialOf } from './trial.js';

/** How a trial ended whose run is to begin anew. */
export interface Again {
  /** What it gave, in a line. */
  readonly text: string;
  /** Folder of the run. */
  readonly out: string;
}

/**
 * Runs sessions until one stands.
 * @param session runs one; gives what it ended with where it is to begin anew
 * @throws UsageError when flags contradict each other
 */
export async function withWarmup<Flags extends SamplingFlags & OutputFlags>(
  flags: Flags,
  session: (flags: Flags, trial: Trial | undefined) => Promise<Again | undefined>,
): Promise<void> {
  await checking(() => checkWarmupFlags(flags));
  if (flags.warmup !== 'auto') return void (await session(flags, undefined));
  const earlier: string[] = [];
  const first = await checking(() => firstTrial(flags));
  let { sweeps } = first;
  let settled = { ...flags, resume: first.resume };
  for (;;) {
    const trial = trialOf(flags, sweeps, [...earlier]);
    const again = await session({ ...settled, warmup: sweeps }, trial);
    if (!again) return;
    earlier.push(again.text);
    sweeps = trial.next!;
    settled = { ...settled, out: again.out, resume: false, force: true };
  }
}

/** Where trials begin: with the run that `--resume` goes on with, or at the first. */
async function firstTrial(flags: SamplingFlags & OutputFlags): Promise<{ sweeps: number; resume: boolean }> {
  const { out, resume = false, maxWarmup = DEFAULT_MAX_WARMUP } = flags;
  const manifest = resume && out !== undefined ? await readManifest(out) : undefined;
  if (!manifest) {
    // Cut off between two trials: the next one was to take the place of what was there.
    const betweenTrials = out !== undefined && existsSync(privateFolder(out));
    return { sweeps: DEFAULT_WARMUP, resume: resume && !betweenTrials };
  }
  const sweeps = manifest.settings.warmupBetasQ.length;
  for (let tried = DEFAULT_WARMUP; tried <= maxWarmup; tried *= 2)
    if (tried === sweeps) return { sweeps, resume };
  throw new InputError(
    `--warmup auto tries ${DEFAULT_WARMUP}, ${2 * DEFAULT_WARMUP}, .. up to ${maxWarmup} sweeps, but ${out} holds a run with ${sweeps}: give --warmup ${sweeps}`,
  );
}
