/** What simulated workers answer, and how long it takes a thread: all members of a chain see one synthetic chain. */
import type { SlotReport, WalkJob, WalkResult, WindowJob } from '../../kernel/kernel.js';
import { noCounts } from '../../sampler/moves.js';
import { neighbourPairs, type NeighbourPairs } from '../../sampler/sites.js';
import type { BrainConfig, SweepTables } from '../brain/config.js';
import type { Attach, BrainEvent, Walk } from '../brain/messages.js';
import { SharedSites } from '../brain/shared-sites.js';
import type { WorkerCommand } from '../local-worker.js';
import type { CostModel } from './costs.js';
import { CLOSED_Q } from '../../sampler/owners.js';
import { DECISIVE_Q, SyntheticChain, type SyntheticPartials } from './synthetic-chain.js';

export interface Answer {
  readonly event: BrainEvent | undefined;
  /** Time of each job on a thread. */
  readonly jobsMs: readonly number[];
}

/** The brain's tables; what it filled last for a chain can be read again. */
export class ReadableTables implements SweepTables {
  readonly #tables: SweepTables;
  readonly #filled = new Map<number, Float64Array>();

  constructor(tables: SweepTables) {
    this.#tables = tables;
  }

  plan(sweep: number): ReturnType<SweepTables['plan']> {
    return this.#tables.plan(sweep);
  }

  fillNeedQ(chain: number, sweep: number, out: Float64Array): void {
    this.#tables.fillNeedQ(chain, sweep, out);
    this.#filled.set(chain, out);
  }

  lastNeedQ(chain: number): Float64Array {
    return this.#filled.get(chain)!;
  }
}

/** Filling the tables of a chain takes about as long as this many sweeps. */
const ATTACH_SWEEPS = 0.3;

/** A chain as attached to a group. */
interface Attachment {
  readonly epoch: number;
  readonly chain: SyntheticChain;
  readonly sites: SharedSites;
}

/** One round's answer: the first member has the totals, the others 0, but for swaps that they find closed. */
interface Round extends SyntheticPartials {
  readonly report: SlotReport | undefined;
}

export class SyntheticWorkers {
  readonly #config: BrainConfig;
  readonly #costs: CostModel;
  readonly #tables: ReadableTables;
  readonly #uniform: () => number;
  readonly #pairs: NeighbourPairs;
  readonly #rows: number;
  readonly #sites = new WeakMap<Uint8Array, SharedSites>();
  readonly #attached = new Map<number, Attachment>();
  readonly #rounds = new WeakMap<WindowJob, Round>();
  /** Share of the data, and number in the group, by worker and epoch. */
  readonly #parts = new Map<string, { readonly share: number; readonly self: number }>();
  /** Log-likelihoods that an audit has found, by chain. */
  readonly #audited = new Map<number, number>();

  constructor(config: BrainConfig, costs: CostModel, tables: ReadableTables, uniform: () => number) {
    this.#config = config;
    this.#costs = costs;
    this.#tables = tables;
    this.#uniform = uniform;
    this.#pairs = neighbourPairs(config.rule.model);
    this.#rows = config.shards.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** An audit passed: a worker that attaches the chain anew will find the same. */
  audited(chain: number, logLikQ: number): void {
    this.#audited.set(chain, logLikQ);
  }

  answer(command: WorkerCommand): Answer {
    const { worker } = command;
    switch (command.type) {
      case 'load':
        return { event: { type: 'loaded', worker, shards: command.shards }, jobsMs: [] };
      case 'attach':
        return this.#attach(command);
      case 'walk':
        return this.#walk(command);
      case 'audit':
      case 'detach':
        return { event: undefined, jobsMs: [] };
    }
  }

  #attach({ worker, epoch, shards, owners, self, chains, wantFlipDeltas }: Attach): Answer {
    const { shards: infos, rule } = this.#config;
    const share = shards.reduce((sum, shard) => sum + infos[shard]!.rows, 0) / this.#rows;
    this.#parts.set(`${worker} ${epoch}`, { share, self });
    let sites = this.#sites.get(owners);
    if (!sites) this.#sites.set(owners, (sites = new SharedSites(rule.model, this.#pairs, owners)));
    const decides = wantFlipDeltas && self === 1;
    const weights = rule.model.features * rule.model.classes;
    const flipDeltasQ = new Int32Array(wantFlipDeltas ? weights : 0).fill(decides ? -DECISIVE_Q : 0);
    const attached = chains.map(({ chain, w }) => {
      if (this.#attached.get(chain)?.epoch !== epoch) {
        const settings = { model: rule.model, owners, costs: this.#costs, uniform: this.#uniform };
        const made = new SyntheticChain(settings, w, this.#audited.get(chain) ?? 0);
        this.#attached.set(chain, { epoch, chain: made, sites });
      }
      const report = this.#reportOf(this.#attached.get(chain)!.chain.report(), self);
      return { chain, report, flipDeltasQ };
    });
    const jobsMs = chains.map(() => this.#costs.jobMs + ATTACH_SWEEPS * share * this.#costs.sweepMs);
    return { event: { type: 'attached', worker, epoch, chains: attached }, jobsMs };
  }

  /** All log-likelihood lies with the first member. */
  #reportOf(report: SlotReport, self: number): SlotReport {
    return self === 1 ? report : { ...report, logLikQ: 0, counts: noCounts() };
  }

  #walk({ worker, epoch, round, jobs }: Walk): Answer {
    const { share, self } = this.#parts.get(`${worker} ${epoch}`)!;
    const results = jobs.map((job) => (job.kind === 'solo' ? this.#solo(job) : this.#window(job, self)));
    const jobsMs = jobs.map((job) => this.#costs.jobMs + share * this.#costs.sweepMs * this.#sweepsOf(job));
    return { event: { type: 'walked', worker, epoch, round, results }, jobsMs };
  }

  #sweepsOf(job: WalkJob): number {
    if (job.kind === 'solo') return job.betasQ.length;
    return (job.to - job.from) / this.#tables.plan(job.sweep).sites.length;
  }

  #solo({ slot, reportAfter }: Extract<WalkJob, { kind: 'solo' }>): WalkResult {
    const report = this.#attached.get(slot)!.chain.report();
    return { kind: 'solo', slot, reports: reportAfter.map((sweep) => ({ sweep, report })) };
  }

  #window(job: WindowJob, self: number): WalkResult {
    let round = this.#rounds.get(job);
    if (!round) this.#rounds.set(job, (round = this.#walkWindow(job)));
    const partialsQ = partialsOf(round, self);
    const result = { kind: 'window', slot: job.slot, partialsQ } as const;
    return round.report ? { ...result, report: this.#reportOf(round.report, self) } : result;
  }

  #walkWindow(job: WindowJob): Round {
    const { chain, sites } = this.#attached.get(job.slot)!;
    const shared = sites.sweep(job.sweep, () => this.#tables.plan(job.sweep));
    const partials = chain.walk(job, { shared, needQ: this.#tables.lastNeedQ(job.chain) });
    return { ...partials, report: job.report ? chain.report() : undefined };
  }
}

function partialsOf({ totalsQ, closedBy }: Round, self: number): Int32Array {
  return totalsQ.map((totalQ, site) => {
    if (totalQ === CLOSED_Q) return closedBy[site] === self ? CLOSED_Q : 0;
    return self === 1 ? totalQ : 0;
  });
}
