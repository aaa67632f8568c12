/** The walkers of a serial run, chains or replicas of chains: one kernel holds them all, and each is audited. */
import type { ChainRule, FlipKernel, SlotReport } from '../kernel/kernel.js';
import { litFeatures, type Rows } from '../posterior/rows.js';
import { randomStart } from '../posterior/weights.js';
import { countsBetween, type MoveCounts } from './moves.js';
import { featureOwners } from './owners.js';
import { neighbourPairs } from './sites.js';

/** A report whose log-likelihood is not the start's plus the accepted deltas: a kernel has a bug. */
export class AuditError extends Error {
  override name = 'AuditError';
}

/** A walker's audited state after some sweeps. */
export interface WalkerState {
  /** One byte a weight, length D K. */
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves of these sweeps. */
  readonly counts: MoveCounts;
}

export class SerialWalkers {
  readonly #kernel: FlipKernel;
  readonly #shards: readonly Rows[];
  readonly #starts: readonly SlotReport[];
  #before: readonly SlotReport[];

  /** Attaches so many walkers, each at its random start. @param kernel without shards or slots */
  constructor(kernel: FlipKernel, { model, seed }: ChainRule, shards: readonly Rows[], count: number) {
    this.#kernel = kernel;
    this.#shards = shards;
    shards.forEach((rows, shard) => kernel.addShard(shard, rows));
    const lit = new Uint8Array(model.features);
    for (const rows of shards) litFeatures(rows).forEach((bit, j) => (lit[j]! |= bit));
    const owners = featureOwners([lit], model.features, neighbourPairs(model));
    const numbers = shards.map((_, shard) => shard);
    this.#starts = Array.from({ length: count }, (_, slot) =>
      kernel.attach({ slot, shards: numbers, owners, self: 1 }, randomStart(model, seed, slot)),
    );
    this.#before = this.#starts;
  }

  /**
   * Walks all of them through sweeps `from` .. `to`.
   * @param betaQ inverse temperature of a walker in a sweep
   * @throws AuditError
   */
  walk(from: number, to: number, betaQ: (walker: number, sweep: number) => number): WalkerState[] {
    const jobs = this.#starts.map((_, walker) => ({
      ...({ kind: 'solo', slot: walker, chain: walker, sweep: from } as const),
      betasQ: Int32Array.from({ length: to - from + 1 }, (_, i) => betaQ(walker, from + i)),
      reportAfter: [to],
    }));
    const reports = this.#kernel.walk(jobs).map((result, walker) => {
      if (result.kind !== 'solo') throw new Error('a solo job gave a window result');
      const { report } = result.reports.at(-1)!;
      this.#audit(walker, to, report);
      return report;
    });
    const states = reports.map(({ w, logLikQ, counts }, walker) => ({
      ...{ w, logLikQ, counts: countsBetween(this.#before[walker]!.counts, counts) },
    }));
    this.#before = reports;
    return states;
  }

  /** Gives the kernel back without slots and shards. */
  detach(): void {
    this.#starts.forEach((_, slot) => this.#kernel.detach(slot));
    this.#shards.forEach((_, shard) => this.#kernel.dropShard(shard));
  }

  /** The exact audit: as integers, accepted deltas are the change of the log-likelihood. @throws AuditError */
  #audit(walker: number, sweep: number, now: SlotReport): void {
    const changeQ = now.logLikQ - this.#starts[walker]!.logLikQ;
    if (changeQ !== now.ownAcceptedSumQ) {
      throw new AuditError(
        `walker ${walker}, sweep ${sweep}: log-likelihood changed by ${changeQ}, ` +
          `accepted deltas sum to ${now.ownAcceptedSumQ}`,
      );
    }
  }
}
