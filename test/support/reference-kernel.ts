/**
 * The reference FlipKernel, written from the definitions: a move's delta is the difference of the rows' log-likelihoods,
 * and a window is undone by going back to a copy of the state and walking it again. Slow, and meant to be read.
 */
import type {
  ChainRule,
  FlipKernel,
  SlotReport,
  SlotSpec,
  SoloJob,
  SoloResult,
  WalkJob,
  WalkResult,
  WindowJob,
  WindowResult,
} from '../../src/kernel/kernel.js';
import { firstFreeClass } from '../../src/posterior/model.js';
import type { Rows } from '../../src/posterior/rows.js';
import {
  acceptBits,
  acceptThresholdQ,
  countMove,
  drawFromPrior,
  isOpen,
  moveAt,
  priorChange,
  type Proposal,
  type Turn,
} from '../../src/sampler/moves.js';
import {
  CLOSED_Q,
  flipRole,
  rowRole,
  SHARED,
  swapRole,
  UNLIT,
  type SiteRole,
} from '../../src/sampler/owners.js';
import { neighbourPairs, planSweep, type NeighbourPairs, type SweepPlan } from '../../src/sampler/sites.js';
import { ReferenceSlot, referenceShard, type Change, type ReferenceShard } from './reference-slot.js';

type Snapshot = ReturnType<ReferenceSlot['snapshot']>;

/** A slot's last window: the state it began in, and what it was told. */
interface Window {
  readonly before: Snapshot;
  readonly job: WindowJob;
}

/** Takes the guess at each shared site of a window and keeps its partial. */
interface Guesses {
  take(): boolean;
  readonly partialsQ: number[];
}

export class ReferenceKernel implements FlipKernel {
  readonly name = 'reference';
  protected readonly pairs: NeighbourPairs;
  readonly #shards = new Map<number, ReferenceShard>();
  readonly #slots = new Map<number, ReferenceSlot>();
  readonly #windows = new Map<number, Window>();
  #plan: { sweep: number; plan: SweepPlan } | undefined;

  constructor(protected readonly rule: ChainRule) {
    this.pairs = neighbourPairs(rule.model);
  }

  addShard(shard: number, rows: Rows): void {
    if (this.#shards.has(shard)) throw new Error(`shard ${shard} is there already`);
    this.#shards.set(shard, referenceShard(rows));
  }

  dropShard(shard: number): void {
    this.#shards.delete(shard);
  }

  attach(spec: SlotSpec, w: Uint8Array): SlotReport {
    const { model } = this.rule;
    if (model.lit.some((lit, j) => (lit === 0) !== (spec.owners[j] === UNLIT))) {
      throw new Error('owners and lit features disagree');
    }
    const shards = spec.shards.map((number) => {
      const shard = this.#shards.get(number);
      if (!shard) throw new Error(`no shard ${number}`);
      return shard;
    });
    const slot = this.makeSlot(shards, spec, w);
    this.#slots.set(spec.slot, slot);
    this.#windows.delete(spec.slot);
    return this.report(slot);
  }

  detach(slot: number): void {
    this.#slots.delete(slot);
    this.#windows.delete(slot);
  }

  walk(jobs: readonly WalkJob[]): WalkResult[] {
    return jobs.map((job) => (job.kind === 'solo' ? this.#solo(job) : this.#window(job)));
  }

  flipDeltasQ(slot: number): Int32Array {
    const { model } = this.rule;
    const state = this.#slot(slot);
    return Int32Array.from({ length: model.features * model.classes }, (_, i) => {
      const k = i % model.classes;
      return k < firstFreeClass(model) ? 0 : state.deltaQ([{ j: Math.floor(i / model.classes), k }]);
    });
  }

  audit(slot: number): number {
    return this.#slot(slot).staleRows();
  }

  dispose(): void {
    this.#slots.clear();
    this.#shards.clear();
  }

  protected makeSlot(shards: readonly ReferenceShard[], spec: SlotSpec, w: Uint8Array): ReferenceSlot {
    return new ReferenceSlot(this.rule.model, shards, spec, w);
  }

  /** Change of the log prior by a move that is open. */
  protected priorChangeQ(slot: ReferenceSlot, move: Proposal): number {
    return priorChange(this.rule.model, slot.w, move);
  }

  protected report(slot: ReferenceSlot): SlotReport {
    const { ownAcceptedSumQ, counts } = slot;
    return {
      w: slot.w.slice(),
      logLikQ: slot.logLikQ(slot.freshLogits()),
      ownAcceptedSumQ,
      counts: { ...counts },
    };
  }

  #slot(number: number): ReferenceSlot {
    const slot = this.#slots.get(number);
    if (!slot) throw new Error(`no slot ${number}`);
    return slot;
  }

  #planOf(sweep: number): SweepPlan {
    const { model, moves, seed } = this.rule;
    if (this.#plan?.sweep !== sweep) {
      this.#plan = { sweep, plan: planSweep(model, this.pairs, moves, seed, sweep) };
    }
    return this.#plan.plan;
  }

  #solo(job: SoloJob): SoloResult {
    const slot = this.#slot(job.slot);
    const last = job.sweep + job.betasQ.length - 1;
    const reports: { sweep: number; report: SlotReport }[] = [];
    this.#windows.delete(job.slot);
    for (let sweep = job.sweep; sweep <= last; sweep++) {
      const betaQ = job.betasQ[sweep - job.sweep]!;
      for (const site of this.#planOf(sweep).sites) this.#visit(slot, this.#turn(job, sweep, site), betaQ);
      if (sweep === last || job.reportAfter.includes(sweep))
        reports.push({ sweep, report: this.report(slot) });
    }
    return { kind: 'solo', slot: job.slot, reports };
  }

  #window(job: WindowJob): WindowResult {
    const slot = this.#slot(job.slot);
    const last = this.#windows.get(job.slot);
    this.#checkContinues(last?.job, job);
    if (job.settleAt >= 0) {
      slot.restore(last!.before);
      this.#walkWindow(slot, { ...last!.job, to: job.settleAt + 1 }, job.settleAt);
    }
    this.#windows.set(job.slot, { before: slot.snapshot(), job: { ...job, guess: job.guess.slice() } });
    const partialsQ = Int32Array.from(this.#walkWindow(slot, job, -1));
    const result = { kind: 'window', slot: job.slot, partialsQ } as const;
    return job.report ? { ...result, report: this.report(slot) } : result;
  }

  /** A window begins where the last one, as settled, ended. */
  #checkContinues(last: WindowJob | undefined, job: WindowJob): void {
    if (!last) {
      if (job.settleAt >= 0) throw new Error('no window to settle');
      return;
    }
    const { settleAt } = job;
    if (settleAt >= 0 && (settleAt < last.from || settleAt >= last.to)) {
      throw new Error(`position ${settleAt} is not in the last window, ${last.from} to ${last.to}`);
    }
    const end = settleAt >= 0 ? settleAt + 1 : last.to;
    const nextSweep =
      end === this.#planOf(last.sweep).sites.length && job.from === 0 && job.sweep === last.sweep + 1;
    if (!nextSweep && (job.sweep !== last.sweep || job.from !== end)) {
      throw new Error(`window at ${job.sweep}:${job.from} does not follow ${last.sweep}:${end}`);
    }
  }

  /** Walks a window's guesses, the one at position `otherWayAt` turned round; the partials of its shared sites. */
  #walkWindow(slot: ReferenceSlot, job: WindowJob, otherWayAt: number): number[] {
    const partialsQ: number[] = [];
    const { sites } = this.#planOf(job.sweep);
    for (let position = job.from; position < job.to; position++) {
      const take = (): boolean => {
        const bit = partialsQ.length;
        const guess = ((job.guess[bit >> 3]! >> (bit & 7)) & 1) === 1;
        return guess !== (position === otherWayAt);
      };
      this.#visit(slot, this.#turn(job, job.sweep, sites[position]!), job.betaQ, { take, partialsQ });
    }
    return partialsQ;
  }

  #turn(job: WalkJob, sweep: number, site: number): Turn {
    return { seed: this.rule.seed, chain: job.chain, sweep, site };
  }

  #visit(slot: ReferenceSlot, turn: Turn, betaQ: number, guesses?: Guesses): void {
    const { model } = this.rule;
    const move = moveAt(turn.site, model, this.pairs);
    if (move.kind === 'prior') {
      const i = move.j * model.classes + move.k;
      slot.w[i] = drawFromPrior(acceptBits(turn), model.priorQ[i]!);
      return;
    }
    const role = roleOf(slot, move);
    if (role === 'shared') {
      if (!guesses) throw new Error('a slot that walks alone must own every lit feature');
      this.#share(slot, move, guesses);
    } else if (role !== 'skip' && isOpen(model, slot.w, move)) {
      this.#decide(slot, move, turn, betaQ, role);
    }
  }

  /** A move decided here: the partial is the total (0 for the row of a shared feature, wherever its rows are). */
  #decide(slot: ReferenceSlot, move: Proposal, turn: Turn, betaQ: number, role: SiteRole): void {
    const changes = changesOf(move, this.rule.model.classes);
    const deltaQ = slot.deltaQ(changes);
    const taken = deltaQ >= acceptThresholdQ(turn, this.priorChangeQ(slot, move), betaQ);
    if (role === 'own') countMove(slot.counts, move.kind, taken);
    if (!taken) return;
    slot.apply(changes);
    if (role === 'own') slot.ownAcceptedSumQ += deltaQ;
  }

  /** A move the coordinator decides: yields the partial delta and follows the guess. */
  #share(slot: ReferenceSlot, move: Proposal, guesses: Guesses): void {
    const { owners, self } = slot;
    const known = changesOf(move, this.rule.model.classes).filter(
      ({ j }) => owners[j] === SHARED || owners[j] === self,
    );
    const open = move.kind !== 'swap' || known.length < 2 || isOpen(this.rule.model, slot.w, move);
    if (!open && known.every(({ j }) => owners[j] === SHARED)) return;
    const taken = guesses.take() && open;
    guesses.partialsQ.push(open ? slot.deltaQ(known) : CLOSED_Q);
    if (taken) slot.apply(known);
  }
}

function roleOf({ owners, self }: ReferenceSlot, move: Proposal): SiteRole {
  const owner = owners[move.j]!;
  if (move.kind === 'flip') return flipRole(owner, self);
  return move.kind === 'row' ? rowRole(owner, self) : swapRole(owner, owners[move.j2]!, self);
}

/** The weights that a move flips. */
export function changesOf(move: Proposal, classes: number): Change[] {
  if (move.kind === 'flip') return [{ j: move.j, k: move.k }];
  if (move.kind === 'row') return Array.from({ length: classes }, (_, k) => ({ j: move.j, k }));
  return [
    { j: move.j, k: move.k },
    { j: move.j2, k: move.k },
  ];
}
