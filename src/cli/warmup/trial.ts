/**
 * `--warmup auto`: a run is begun anew with twice the warm-up as long as its chains disagree. A trial is the run itself:
 * what it draws is what `--warmup` with its number of sweeps gives, so its first draws can be judged as they come, and a
 * trial whose chains agree just goes on.
 */
import { estimate } from '../../diagnostics/scalar.js';
import { InputError, logPosterior, type Model } from '../../posterior/model.js';
import type { DrawReader } from '../../store/store.js';
import { DEFAULT_MAX_WARMUP, DEFAULT_WARMUP, type OutputFlags, type SamplingFlags } from '../flags/groups.js';
import { wantedDraws } from '../settings.js';

/** Rank-normalised split R-hat of lp up to which chains agree (Vehtari et al. 2021). */
export const AGREED_RHAT = 1.01;
/** Fewer draws than this say nothing of agreement. */
const LEAST_DRAWS = 10;

export interface Trial {
  /** Warm-up sweeps. */
  readonly sweeps: number;
  /** First draws of each chain that are judged: as many sweeps as the warm-up has, or all draws. */
  readonly draws: number;
  /** Warm-up sweeps of the trial after this one; absent where the budget allows none. */
  readonly next?: number;
  /** What the trials before gave, a line each. */
  readonly earlier: readonly string[];
}

/** @throws InputError when flags contradict `--warmup auto`, or need it */
export function checkWarmupFlags(flags: SamplingFlags & Pick<OutputFlags, 'saveWarmup'>): void {
  const { warmup, maxWarmup, chains, thin, saveWarmup } = flags;
  if (warmup !== 'auto') {
    if (maxWarmup === undefined) return;
    throw new InputError('--max-warmup needs --warmup auto, which may go so far');
  }
  if (chains < 2)
    throw new InputError(`--warmup auto needs --chains of at least 2 that can agree, got ${chains}`);
  if (wantedDraws(flags) < LEAST_DRAWS) {
    throw new InputError(
      `--warmup auto needs --draws of at least ${LEAST_DRAWS} to see chains agree, got ${wantedDraws(flags)}`,
    );
  }
  if (saveWarmup && thin > DEFAULT_WARMUP) {
    throw new InputError(
      `--save-warmup with --warmup auto needs --thin of at most ${DEFAULT_WARMUP}, got ${thin}`,
    );
  }
}

/** The trial with so many warm-up sweeps. */
export function trialOf(flags: SamplingFlags, sweeps: number, earlier: readonly string[]): Trial {
  const { maxWarmup = DEFAULT_MAX_WARMUP, thin } = flags;
  const draws = Math.min(wantedDraws(flags), Math.max(LEAST_DRAWS, Math.ceil(sweeps / thin)));
  return { sweeps, draws, earlier, ...(2 * sweeps <= maxWarmup ? { next: 2 * sweeps } : {}) };
}

export interface TrialVerdict {
  /** The run is to begin anew with the next trial's warm-up. */
  readonly again: boolean;
  readonly text: string;
}

/** Judges a trial by the draws that it has stored. */
export async function judgeTrial(
  { sweeps, draws, next }: Trial,
  reader: DrawReader,
  model: Model,
  chains: number,
): Promise<TrialVerdict> {
  const lp = Array.from({ length: chains }, () => new Float64Array(draws));
  for await (const { chain, draw, w, logLikQ } of reader.read(0, draws)) {
    lp[chain]![draw] = logPosterior(model, w, logLikQ);
  }
  const { rhat } = estimate(lp);
  const found = `warm-up of ${sweeps} sweeps: R-hat of lp ${rhat.toFixed(3)} over the first ${draws} draws of ${chains} chains`;
  if (rhat <= AGREED_RHAT) return { again: false, text: `${found}, at most ${AGREED_RHAT}: they agree` };
  // Where all draws are the same there is no R-hat, and nothing that a longer warm-up would change.
  if (Number.isNaN(rhat)) return { again: false, text: `${found}: lp never changes` };
  const above = `${found}, above ${AGREED_RHAT}: they disagree`;
  if (next === undefined) return { again: false, text: `${above}, and --max-warmup allows no more` };
  return { again: true, text: `${above}; begun anew with ${next}` };
}
