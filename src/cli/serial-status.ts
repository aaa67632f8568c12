/** The serial sampler's events as a run's status, so that it is displayed like any run. */
import type { ChainStatus, RunStatus } from '../coordinator/status.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { noCounts, sumOfCounts } from '../sampler/moves.js';
import { betaQOfSweep, warmupSweeps, type RunPlan } from '../sampler/run-plan.js';
import type { SerialEvent } from '../sampler/serial.js';

export class SerialStatus {
  readonly #plan: RunPlan;
  readonly #startedAt = performance.now();
  readonly #chains: ChainStatus[];
  #phase: RunStatus['phase'];
  #moves = noCounts();
  #sweeps = 0;
  /** Draws that are durable. */
  drawsStored = 0;

  constructor(plan: RunPlan) {
    this.#plan = plan;
    this.#phase = warmupSweeps(plan) > 0 ? 'warm-up' : 'sampling';
    this.#chains = Array.from({ length: plan.chains }, (_, chain) => ({
      ...{ chain, sweep: 0, draws: 0, lp: undefined, logLikQ: undefined },
      beta: betaQOfSweep(plan, 0) / BETA_ONE_Q,
    }));
  }

  /** @param lp log posterior after the event's sweep, in nat */
  note(event: SerialEvent, lp: number): void {
    const { chain, logLikQ } = event;
    const before = this.#chains[chain]!;
    const sweep = event.sweep + 1;
    const draws = event.kind === 'draw' ? event.draw + 1 : 0;
    const beta = betaQOfSweep(this.#plan, sweep) / BETA_ONE_Q;
    this.#chains[chain] = { chain, sweep, beta, lp, logLikQ, draws };
    this.#sweeps += sweep - before.sweep;
    this.#moves = sumOfCounts(this.#moves, event.counts);
    this.#phase = event.kind === 'draw' ? 'sampling' : 'warm-up';
  }

  get now(): RunStatus {
    const elapsedSeconds = (performance.now() - this.#startedAt) / 1000;
    return {
      runId: '',
      phase: this.#phase,
      elapsedSeconds,
      chains: [...this.#chains],
      sweepsDone: this.#sweeps,
      sweepsPerSecond: this.#sweeps / elapsedSeconds,
      drawsStored: this.drawsStored,
      drawsWanted: this.#plan.draws,
      moves: this.#moves,
      rounds: 0,
      wrongGuesses: { flips: 0, swaps: 0 },
      sitesWalked: 0,
      sitesNeeded: 0,
      audits: 0,
      bytesReceived: 0,
      bytesSent: 0,
      workers: [],
    };
  }
}
