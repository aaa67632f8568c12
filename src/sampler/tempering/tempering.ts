/**
 * Parallel tempering: what it is and when it happens. A tempered chain is R replicas of the state, each at a rung of a
 * ladder of inverse temperatures; its draws are the states at the top rung, beta 1. Every `exchangeEvery` sweeps
 * neighbouring rungs may exchange their replicas (replica-exchange.ts). Pure.
 */
import { InputError } from '../../posterior/model.js';
import { BETA_ONE_Q } from '../../posterior/threshold.js';
import {
  drawOfSweep,
  geometricBetasQ,
  totalSweeps,
  warmupDrawOfSweep,
  warmupSweeps,
  type RunPlan,
  type Tempering,
} from '../run-plan.js';

export const MIN_REPLICAS = 2;
export const MAX_REPLICAS = 1024;

/** A plan with tempering. */
export type TemperedPlan = RunPlan & { readonly tempering: Tempering };

export function isTempered(plan: RunPlan): plan is TemperedPlan {
  return plan.tempering !== undefined;
}

/** States that are walked: replicas of all chains. Walker r of chain c is number c R + r in the random stream. */
export function walkersOf(plan: RunPlan): number {
  return plan.chains * (plan.tempering?.replicas ?? 1);
}

/** @throws InputError naming what is wrong */
export function checkTempering({ replicas, betaMinQ, exchangeEvery }: Tempering): void {
  if (!(Number.isInteger(replicas) && replicas >= MIN_REPLICAS && replicas <= MAX_REPLICAS)) {
    throw new InputError(
      `replicas must be a whole number from ${MIN_REPLICAS} to ${MAX_REPLICAS}, got ${replicas}`,
    );
  }
  if (!(Number.isInteger(exchangeEvery) && exchangeEvery >= 1)) {
    throw new InputError(`exchange every must be a whole number of sweeps, at least 1, got ${exchangeEvery}`);
  }
  // Rungs are different multiples of 1 / 65,536.
  if (!(betaMinQ >= 0 && betaMinQ + replicas - 1 <= BETA_ONE_Q)) {
    throw new InputError(
      `beta min must be at least 0 and leave room for ${replicas} rungs below 1, got ${betaMinQ / BETA_ONE_Q}`,
    );
  }
}

/** Of the warm-up, how much goes to cooling down before the first exchange. */
const ANNEALED_SHARE = 1 / 4;

/** What a tempered run is asked for. */
export interface TemperingRequest {
  readonly replicas: number;
  /** Inverse temperature of the lowest rung, 0 .. 1. */
  readonly betaMin: number;
  readonly exchangeEvery: number;
}

/**
 * A plan whose replicas cool down in the first quarter of its warm-up, and tune their ladder in the rest of it.
 * @throws InputError
 */
export function temperedPlan(
  plan: Omit<RunPlan, 'warmupBetasQ' | 'tempering'>,
  warmup: { readonly sweeps: number; readonly betaStart?: number },
  request: TemperingRequest,
): TemperedPlan {
  const annealSweeps = Math.floor(warmup.sweeps * ANNEALED_SHARE);
  const warmupBetasQ = new Int32Array(warmup.sweeps).fill(BETA_ONE_Q);
  warmupBetasQ.set(geometricBetasQ(annealSweeps, warmup.betaStart));
  const { replicas, betaMin, exchangeEvery } = request;
  const tempering = { replicas, betaMinQ: Math.round(BETA_ONE_Q * betaMin), exchangeEvery, annealSweeps };
  checkTempering(tempering);
  return { ...plan, warmupBetasQ, tempering };
}

/** The exchange after so many sweeps: 1, 2, .., or 0 where there is none. */
export function exchangeAfter({ tempering }: TemperedPlan, done: number): number {
  const since = done - tempering.annealSweeps;
  return since > 0 && since % tempering.exchangeEvery === 0 ? since / tempering.exchangeEvery : 0;
}

/** Whether a chain's replicas wait for each other after so many sweeps: to exchange, or because a draw is taken. */
export function isMeeting(plan: TemperedPlan, done: number): boolean {
  if (done === 0) return false;
  const isDraw = drawOfSweep(plan, done - 1) >= 0 || warmupDrawOfSweep(plan, done - 1) >= 0;
  return isDraw || done === warmupSweeps(plan) || exchangeAfter(plan, done) > 0;
}

/** Sweeps done at the first meeting after `done` sweeps; the end of the run is one. */
export function nextMeeting(plan: TemperedPlan, done: number): number {
  const end = totalSweeps(plan);
  let next = done + 1;
  while (next < end && !isMeeting(plan, next)) next++;
  return Math.min(next, end);
}

/**
 * Exchanges after which the ladder is tuned: rounds of doubling length, the last one ends with the warm-up. None later:
 * draws need a ladder that does not depend on them.
 */
export function tuningExchanges(plan: TemperedPlan): readonly number[] {
  const { annealSweeps, exchangeEvery } = plan.tempering;
  const last = Math.floor((warmupSweeps(plan) - annealSweeps) / exchangeEvery);
  const rounds: number[] = [];
  for (let at = last; at >= SHORTEST_ROUND; at = Math.floor(at / 2)) rounds.unshift(at);
  return rounds;
}

/** Exchanges of the first round: fewer say too little of the rejections. */
const SHORTEST_ROUND = 8;
