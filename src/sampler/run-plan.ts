/** What a run does: annealed warm-up sweeps, then draws at beta 1. Sweeps are numbered from 0 over both. */
import { InputError } from '../posterior/model.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';

/** Parallel tempering of every chain, see tempering/tempering.ts. */
export interface Tempering {
  /** Replicas of a chain, and rungs of its ladder: R. */
  readonly replicas: number;
  /** Inverse temperature of the lowest rung in 1 / 65,536; at 0 it samples the prior, exactly. */
  readonly betaMinQ: number;
  /** Sweeps between two exchanges. */
  readonly exchangeEvery: number;
  /** Sweeps before the first exchange: every replica cools down to its rung. */
  readonly annealSweeps: number;
}

export interface RunPlan {
  readonly chains: number;
  /** Draws a chain. */
  readonly draws: number;
  /** Sweeps a draw. */
  readonly thin: number;
  /** Inverse temperature of each warm-up sweep in 1 / 65,536; computed once and stored with the run. */
  readonly warmupBetasQ: Int32Array;
  /** Whether states of the warm-up are kept as draws of their own, one every `thin` sweeps. Changes no other draw. */
  readonly saveWarmup?: boolean;
  /** Every chain has replicas at higher temperatures; absent where chains walk alone. */
  readonly tempering?: Tempering;
}

/** Where an annealed warm-up begins unless told otherwise. */
export const DEFAULT_BETA_START = 0.12;

/** Inverse temperatures rising geometrically from `start` to 1. */
export function geometricBetasQ(sweeps: number, start = DEFAULT_BETA_START): Int32Array {
  if (!(start > 0 && start <= 1)) throw new InputError(`beta start must lie in (0, 1], got ${start}`);
  return Int32Array.from({ length: sweeps }, (_, i) =>
    Math.round(BETA_ONE_Q * (sweeps === 1 ? 1 : start ** (1 - i / (sweeps - 1)))),
  );
}

export function warmupSweeps(plan: RunPlan): number {
  return plan.warmupBetasQ.length;
}

export function totalSweeps(plan: RunPlan): number {
  return plan.warmupBetasQ.length + plan.draws * plan.thin;
}

export function betaQOfSweep(plan: RunPlan, sweep: number): number {
  return sweep < plan.warmupBetasQ.length ? plan.warmupBetasQ[sweep]! : BETA_ONE_Q;
}

/** Warm-up draws a chain: none unless they are kept. */
export function warmupDraws(
  plan: Pick<RunPlan, 'thin' | 'saveWarmup'> & { readonly warmupBetasQ: ArrayLike<number> },
): number {
  return plan.saveWarmup ? Math.floor(plan.warmupBetasQ.length / plan.thin) : 0;
}

/** The warm-up draw that ends with this sweep, or -1. */
export function warmupDrawOfSweep(plan: RunPlan, sweep: number): number {
  const done = sweep + 1;
  return done % plan.thin === 0 && done / plan.thin <= warmupDraws(plan) ? done / plan.thin - 1 : -1;
}

/** The draw that ends with this sweep, or -1. */
export function drawOfSweep(plan: RunPlan, sweep: number): number {
  const since = sweep + 1 - plan.warmupBetasQ.length;
  return since > 0 && since % plan.thin === 0 ? since / plan.thin - 1 : -1;
}
