/** What the coordinator itself notes of a run's progress, and the status made of it. */
import { performance } from 'node:perf_hooks';
import { NAT_Q } from '../posterior/grid.js';
import { logPriorOfZeros, priorSumQ } from '../posterior/model.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import type { ChainRule } from '../kernel/kernel.js';
import { sumOfCounts } from '../sampler/moves.js';
import { warmupSweeps, type RunPlan } from '../sampler/run-plan.js';
import type { DrawReader } from '../store/store.js';
import type { ByteMeter } from '../wire/meter.js';
import type { BrainStatistics, ChainStatistics } from './brain/statistics.js';
import type { AuditedState } from './brain/messages.js';
import type { Roster } from './roster.js';
import { Speed } from './speed.js';
import type { ChainStatus, RunPhase, RunStatus } from './status.js';

export interface ProgressSources {
  readonly runId: string;
  readonly rule: ChainRule;
  /** Its draws may grow. */
  plan(): RunPlan;
  readonly store: DrawReader;
  readonly roster: Roster;
  readonly meter: ByteMeter;
  statistics(): BrainStatistics;
  /** Whether enough workers have joined. */
  begun(): boolean;
}

const SPEED_SAMPLE_MS = 500;

export class Progress {
  /** How the run ended, once it has. */
  outcome: 'finished' | 'stopped' | undefined;
  readonly #sources: ProgressSources;
  readonly #begunAt = performance.now();
  readonly #logPriorOfZeros: number;
  readonly #lps: (number | undefined)[];
  readonly #speed = new Speed();
  readonly #timer: NodeJS.Timeout;
  #isWarm = false;
  #warmAt: number | undefined;
  #endedAt: number | undefined;

  constructor(sources: ProgressSources) {
    this.#sources = sources;
    this.#logPriorOfZeros = logPriorOfZeros(sources.rule.model);
    this.#lps = new Array<number | undefined>(sources.plan().chains);
    this.#timer = setInterval(() => this.#sample(), SPEED_SAMPLE_MS);
  }

  /** Notes an audited state; its lp. */
  audited({ chain, w, logLikQ }: AuditedState): number {
    const lp = (logLikQ + priorSumQ(this.#sources.rule.model, w)) / NAT_Q + this.#logPriorOfZeros;
    this.#lps[chain] = lp;
    return lp;
  }

  /**
   * Wall time since all chains have warmed up, where that was in this process; else 0: who goes on with a run does not
   * know what its draws have taken.
   */
  samplingSeconds(): number {
    return this.#warmAt === undefined ? 0 : ((this.#endedAt ?? performance.now()) - this.#warmAt) / 1000;
  }

  /** Whether this audited state is the one with which all chains have warmed up. */
  completesWarmup(state: AuditedState): boolean {
    const warmup = warmupSweeps(this.#sources.plan());
    // A draw tells its last sweep, a checkpoint how many are done.
    const done = state.type === 'checkpoint' ? state.sweep : state.sweep + 1;
    if (this.#isWarm || done !== warmup) return false;
    this.#isWarm = this.#sources.statistics().chains.every(({ sweep }) => sweep >= warmup);
    if (this.#isWarm) this.#warmAt = performance.now();
    return this.#isWarm;
  }

  end(outcome: 'finished' | 'stopped'): void {
    this.outcome = outcome;
    this.stopClock();
  }

  stopClock(): void {
    clearInterval(this.#timer);
    this.#sample();
    this.#endedAt ??= performance.now();
  }

  get status(): RunStatus {
    const { runId, store, roster, meter } = this.#sources;
    const { phases, chains, audits } = this.#sources.statistics();
    const { warmup, sampling } = phases;
    return {
      runId,
      phase: this.#phase(chains),
      elapsedSeconds: ((this.#endedAt ?? performance.now()) - this.#begunAt) / 1000,
      chains: chains.map((chain, number) => this.#chain(chain, number)),
      sweepsDone: this.#sweepsDone(),
      sweepsPerSecond: this.#speed.perSecond,
      drawsStored: store.horizon,
      drawsWanted: this.#sources.plan().draws,
      moves: sumOfCounts(warmup.counts, sampling.counts),
      rounds: warmup.rounds + sampling.rounds,
      wrongGuesses: {
        flips: warmup.wrongFlips + sampling.wrongFlips,
        swaps: warmup.wrongSwaps + sampling.wrongSwaps,
      },
      audits,
      sitesWalked: warmup.sitesWalked + sampling.sitesWalked,
      sitesNeeded: warmup.sitesNeeded + sampling.sitesNeeded,
      bytesReceived: meter.received,
      bytesSent: meter.sent,
      workers: roster.statuses,
    };
  }

  #chain({ sweep, betaQ, logLikQ }: ChainStatistics, chain: number): ChainStatus {
    const plan = this.#sources.plan();
    const draws = Math.max(0, Math.floor((sweep - warmupSweeps(plan)) / plan.thin));
    return { chain, sweep, beta: betaQ / BETA_ONE_Q, lp: this.#lps[chain], logLikQ, draws };
  }

  #phase(chains: readonly ChainStatistics[]): RunPhase {
    if (this.outcome) return this.outcome;
    if (!this.#sources.begun() || this.#sources.roster.size === 0) return 'waiting';
    const warmup = warmupSweeps(this.#sources.plan());
    return chains.some(({ sweep }) => sweep < warmup) ? 'warm-up' : 'sampling';
  }

  #sweepsDone(): number {
    const { warmup, sampling } = this.#sources.statistics().phases;
    return warmup.soloSweeps + warmup.spreadSweeps + sampling.soloSweeps + sampling.spreadSweeps;
  }

  #sample(): void {
    this.#speed.note(performance.now(), this.#sweepsDone());
  }
}
