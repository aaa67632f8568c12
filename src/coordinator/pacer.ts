/**
 * Chooses how many sweeps a worker walks alone before it answers: few enough that progress is seen and little is lost
 * with a worker, many enough that messages cost nothing. Never changes a draw.
 */
import type { SoloJob, WalkJob } from '../kernel/kernel.js';
import type { Pace, Walk, Walked } from './brain/messages.js';

/** What a solo job should take. */
const JOB_SECONDS = 0.25;
const MOST_SWEEPS = 4096;
/** The pace is changed when it is off by more than this factor. */
const TOLERANCE = 1.5;
/** Weight of the last job in the running mean. */
const FRESHNESS = 0.2;

export const FIRST_PACE = 1;

export class Pacer {
  /** Solo jobs under way, by epoch: such a batch has one worker and one round at a time. */
  readonly #asked = new Map<
    number,
    { readonly round: number; readonly at: number; readonly sweeps: number }
  >();
  #secondsPerSweep: number | undefined;
  #sweeps = FIRST_PACE;

  asked({ epoch, round, jobs }: Walk, now: number): void {
    const sweeps = Math.max(0, ...jobs.filter(isSolo).map(({ betasQ }) => betasQ.length));
    if (sweeps > 0) this.#asked.set(epoch, { round, at: now, sweeps });
  }

  /** A new pace, when the old one does not fit any more. */
  answered({ epoch, round }: Walked, now: number): Pace | undefined {
    const asked = this.#asked.get(epoch);
    if (asked?.round !== round) return undefined;
    this.#asked.delete(epoch);
    const seconds = (now - asked.at) / 1000 / asked.sweeps;
    this.#secondsPerSweep = this.#secondsPerSweep ?? seconds;
    this.#secondsPerSweep += FRESHNESS * (seconds - this.#secondsPerSweep);
    const right = Math.min(MOST_SWEEPS, Math.max(1, Math.round(JOB_SECONDS / this.#secondsPerSweep)));
    if (Math.max(right / this.#sweeps, this.#sweeps / right) < TOLERANCE) return undefined;
    this.#sweeps = right;
    return { type: 'pace', soloSweepsPerJob: right };
  }

  /** Forgets what is under way: a worker was lost, and some of it will never be answered. */
  reset(): void {
    this.#asked.clear();
  }
}

function isSolo(job: WalkJob): job is SoloJob {
  return job.kind === 'solo';
}
