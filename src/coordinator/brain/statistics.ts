/** Figures of a run for progress, metrics and the summary. Plain numbers, read at any time between two steps. */
import { noCounts, sumOfCounts, type MoveCounts } from '../../sampler/moves.js';
import { totalSweeps } from '../../sampler/run-plan.js';
import type { Chain } from './chain.js';
import type { TemperedChain } from './tempered-chain.js';
import type { WalkFigures } from './walk-figures.js';

export interface PhaseStatistics {
  /** Audited sweeps walked by one worker alone. */
  soloSweeps: number;
  /** Audited sweeps walked by several workers. */
  spreadSweeps: number;
  /** Rounds of all batches; a round carries a window of each of the batch's chains. */
  rounds: number;
  windows: number;
  /** Wrong guesses at shared flips and at shared swaps. */
  wrongFlips: number;
  wrongSwaps: number;
  /** Sites in the windows sent, and in the spread sweeps begun: their ratio is the sweeps of work for a sweep. */
  sitesWalked: number;
  sitesNeeded: number;
  /** Moves of audited stretches. */
  counts: MoveCounts;
}

export interface ChainStatistics {
  /** Audited sweeps done. */
  sweep: number;
  /** Inverse temperature of the next sweep (the last one of a chain that is done) in 1 / 65,536. */
  betaQ: number;
  /** Log-likelihood of the audited state, where known. */
  logLikQ: number | undefined;
}

export interface WorkerStatistics {
  /** Shards are asked for and not all there. */
  loading: number;
  /** Has no chain. */
  idle: number;
  working: number;
}

/** Workers sent away since this process began, by what was wrong. */
export interface WorkerFaults {
  /** What it computed does not add up. */
  readonly audit: number;
  /** It answered what it was not asked. */
  readonly answer: number;
}

export interface BrainStatistics {
  readonly phases: { readonly warmup: PhaseStatistics; readonly sampling: PhaseStatistics };
  readonly chains: readonly ChainStatistics[];
  readonly workers: WorkerStatistics;
  /** Full recomputes that found every row right, one a worker that shares the chain. */
  readonly audits: number;
  readonly faults: WorkerFaults;
  /** Sizes of the groups that have chains: 1 = solo. */
  readonly groups: readonly { readonly workers: number; readonly chains: number }[];
}

function noPhase(): PhaseStatistics {
  return {
    ...{ soloSweeps: 0, spreadSweeps: 0, rounds: 0, windows: 0, wrongFlips: 0, wrongSwaps: 0 },
    ...{ sitesWalked: 0, sitesNeeded: 0, counts: noCounts() },
  };
}

export class Ledger {
  readonly warmup = noPhase();
  readonly sampling = noPhase();

  round(first: Chain): void {
    this.#phase(first).rounds++;
  }

  window(chain: Chain, figures: WalkFigures): void {
    const phase = this.#phase(chain);
    phase.windows += figures.windows;
    phase.wrongFlips += figures.wrongFlips;
    phase.wrongSwaps += figures.wrongSwaps;
    phase.sitesWalked += figures.sitesWalked;
  }

  spreadSweep(chain: Chain, sites: number): void {
    this.#phase(chain).sitesNeeded += sites;
  }

  /** @param spread whether several workers walked it */
  stretch(chain: Chain, spread: boolean, sweeps: number, counts: MoveCounts): void {
    const phase = this.#phase(chain);
    if (spread) phase.spreadSweeps += sweeps;
    else phase.soloSweeps += sweeps;
    phase.counts = sumOfCounts(phase.counts, counts);
  }

  /** The phase a chain is in before its boundary moves on. */
  #phase(chain: Chain): PhaseStatistics {
    return chain.isWarm ? this.sampling : this.warmup;
  }
}

export function chainStatistics(chain: Chain): ChainStatistics {
  const { sweep, logLikQ } = chain.boundary;
  return { sweep, logLikQ, betaQ: chain.betaQ(Math.min(sweep, totalSweeps(chain.plan) - 1)) };
}

/** Of the replica at beta 1; the chain has done the sweeps that all its replicas have. */
export function temperedStatistics({ cold, members }: TemperedChain): ChainStatistics {
  const sweep = Math.min(...members.map(({ boundary }) => boundary.sweep));
  return { ...chainStatistics(cold), sweep };
}
