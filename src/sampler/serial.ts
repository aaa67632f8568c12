/**
 * The serial sampler: one kernel, one thread, every chain after its own rule and nothing else. It is the oracle: however
 * a run is laid out, its draws are these.
 */
import type { ChainRule, FlipKernel, SlotReport } from '../kernel/kernel.js';
import { litFeatures, type Rows } from '../posterior/rows.js';
import { randomStart } from '../posterior/weights.js';
import { countsBetween, type MoveCounts } from './moves.js';
import { featureOwners } from './owners.js';
import {
  betaQOfSweep,
  drawOfSweep,
  totalSweeps,
  warmupDrawOfSweep,
  warmupSweeps,
  type RunPlan,
} from './run-plan.js';
import { neighbourPairs } from './sites.js';

export interface SerialRun {
  /** A kernel for `rule`, without shards or slots. */
  readonly kernel: FlipKernel;
  readonly rule: ChainRule;
  readonly plan: RunPlan;
  /** The data, cut into shards that the kernel can hold (row weights of each sum to at most MAX_SHARD_WEIGHT). */
  readonly shards: readonly Rows[];
  /** Warm-up sweeps between two progress events of a chain, by default 1; those that give a draw have one anyway. */
  readonly progressEvery?: number;
}

/** A chain's state after a warm-up sweep. */
export interface WarmupProgress {
  readonly kind: 'warmup';
  readonly chain: number;
  readonly sweep: number;
  readonly betaQ: number;
  /** One byte a weight, length D K, index j K + k. */
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the chain's last event. */
  readonly counts: MoveCounts;
  /** Where the plan keeps this state as a warm-up draw: its number, and moves since the one before. */
  readonly kept?: { readonly draw: number; readonly counts: MoveCounts };
}

export interface SerialDraw {
  readonly kind: 'draw';
  readonly chain: number;
  /** Number of the draw within its chain, from 0. */
  readonly draw: number;
  /** Number of the draw's last sweep, counted from 0 over warm-up and sampling. */
  readonly sweep: number;
  /** One byte a weight, length D K, index j K + k. */
  readonly w: Uint8Array;
  /** Log-likelihood of all rows, on the grid. */
  readonly logLikQ: number;
  /** Moves since the chain's last event: its previous draw, or the end of its warm-up. */
  readonly counts: MoveCounts;
}

export type SerialEvent = WarmupProgress | SerialDraw;

/** A report whose log-likelihood is not the start's plus the accepted deltas: a kernel has a bug. */
export class AuditError extends Error {
  override name = 'AuditError';
}

/** Last sweeps of the stretches between two events: the warm-up in steps, then draw after draw. */
function* eventSweeps(plan: RunPlan, progressEvery: number): Generator<number> {
  const warmup = warmupSweeps(plan);
  for (let done = 1; done <= warmup; done++) {
    const isKept = warmupDrawOfSweep(plan, done - 1) >= 0;
    if (isKept || done % progressEvery === 0 || done === warmup) yield done - 1;
  }
  for (let sweep = warmup + plan.thin - 1; sweep < totalSweeps(plan); sweep += plan.thin) yield sweep;
}

function attachChains({ kernel, rule, plan, shards }: SerialRun): SlotReport[] {
  const { model, seed } = rule;
  shards.forEach((rows, shard) => kernel.addShard(shard, rows));
  const lit = new Uint8Array(model.features);
  for (const rows of shards) litFeatures(rows).forEach((bit, j) => (lit[j]! |= bit));
  const owners = featureOwners([lit], model.features, neighbourPairs(model));
  const numbers = shards.map((_, shard) => shard);
  return Array.from({ length: plan.chains }, (_, chain) =>
    kernel.attach({ slot: chain, shards: numbers, owners, self: 1 }, randomStart(model, seed, chain)),
  );
}

/** One report a chain after sweeps `from` .. `to`. */
function walkChains({ kernel, plan }: SerialRun, from: number, to: number): SlotReport[] {
  const betasQ = Int32Array.from({ length: to - from + 1 }, (_, i) => betaQOfSweep(plan, from + i));
  const jobs = Array.from({ length: plan.chains }, (_, chain) => ({
    ...({ kind: 'solo', slot: chain, chain, sweep: from, betasQ } as const),
    reportAfter: [to],
  }));
  return kernel.walk(jobs).map((result) => {
    if (result.kind !== 'solo') throw new Error('a solo job gave a window result');
    return result.reports.at(-1)!.report;
  });
}

/** The exact audit: as integers, accepted deltas are the change of the log-likelihood. @throws AuditError */
function audit(chain: number, sweep: number, start: SlotReport, now: SlotReport): void {
  const changeQ = now.logLikQ - start.logLikQ;
  if (changeQ !== now.ownAcceptedSumQ) {
    throw new AuditError(
      `chain ${chain}, sweep ${sweep}: log-likelihood changed by ${changeQ}, accepted deltas sum to ${now.ownAcceptedSumQ}`,
    );
  }
}

/**
 * @param before the chain's report at its last event
 * @param kept its report at its last warm-up draw, or its start
 */
function eventOf(
  plan: RunPlan,
  chain: number,
  sweep: number,
  { now, before, kept }: Readonly<Record<'now' | 'before' | 'kept', SlotReport>>,
): SerialEvent {
  const { w, logLikQ } = now;
  const counts = countsBetween(before.counts, now.counts);
  const draw = drawOfSweep(plan, sweep);
  if (draw >= 0) return { kind: 'draw', chain, draw, sweep, w, logLikQ, counts };
  const state = { chain, sweep, betaQ: betaQOfSweep(plan, sweep), w, logLikQ, counts };
  const warmupDraw = warmupDrawOfSweep(plan, sweep);
  if (warmupDraw < 0) return { kind: 'warmup', ...state };
  const sinceKept = countsBetween(kept.counts, now.counts);
  return { kind: 'warmup', ...state, kept: { draw: warmupDraw, counts: sinceKept } };
}

/**
 * Runs a plan from the chains' random starts. Events come in the order (sweep, chain); the kernel is given back without
 * slots and shards.
 * @throws AuditError
 */
export function* sampleSerially(run: SerialRun): Generator<SerialEvent, void, undefined> {
  const { kernel, plan, shards } = run;
  const starts = attachChains(run);
  try {
    let [before, kept] = [starts, starts];
    let from = 0;
    for (const sweep of eventSweeps(plan, run.progressEvery ?? 1)) {
      const reports = walkChains(run, from, sweep);
      for (let chain = 0; chain < plan.chains; chain++) {
        audit(chain, sweep, starts[chain]!, reports[chain]!);
        const told = { now: reports[chain]!, before: before[chain]!, kept: kept[chain]! };
        yield eventOf(plan, chain, sweep, told);
      }
      before = reports;
      if (warmupDrawOfSweep(plan, sweep) >= 0) kept = reports;
      from = sweep + 1;
    }
  } finally {
    for (let chain = 0; chain < plan.chains; chain++) kernel.detach(chain);
    shards.forEach((_, shard) => kernel.dropShard(shard));
  }
}
