/**
 * How many replicas a chain needs: the global communication barrier Lambda of its ladder, from one walker that is cooled
 * down. Between two inverse temperatures the barrier is about sqrt(change of the mean log-likelihood times the change of
 * beta / pi), as d E[log-likelihood] / d beta is its variance and the mean distance of two normal numbers of variance s^2
 * is 2 s / sqrt(pi). An estimate: a walker in a hurry lags behind, the tuned ladder does not depend on it.
 */
import type { ChainRule, FlipKernel } from '../../kernel/kernel.js';
import { NAT_Q } from '../../posterior/grid.js';
import type { Rows } from '../../posterior/rows.js';
import { BETA_ONE_Q } from '../../posterior/threshold.js';
import { SerialWalkers } from '../serial-walkers.js';
import { firstLadder } from './ladder.js';
import { MAX_REPLICAS, MIN_REPLICAS } from './tempering.js';

const STEPS = 24;
/** Sweeps at each step: the first half to get there, the second to look. */
const SWEEPS = 4;

/** The global barrier from `betaMinQ` up to beta 1. @param kernel without shards or slots, given back so */
export function barrierByPilot(
  kernel: FlipKernel,
  rule: ChainRule,
  shards: readonly Rows[],
  betaMinQ: number,
): number {
  const betasQ = firstLadder(STEPS, betaMinQ);
  const walkers = new SerialWalkers(kernel, rule, shards, 1);
  let sweep = 0;
  const means = Array.from(betasQ, (betaQ) => {
    const seen = Array.from({ length: SWEEPS }, () => {
      const [state] = walkers.walk(sweep, sweep, () => betaQ);
      sweep++;
      return state!.logLikQ / NAT_Q;
    }).slice(SWEEPS / 2);
    return seen.reduce((sum, value) => sum + value, 0) / seen.length;
  });
  walkers.detach();
  let barrier = 0;
  for (let i = 1; i < STEPS; i++) {
    const rise = Math.max(0, means[i]! - means[i - 1]!);
    barrier += Math.sqrt((rise * (betasQ[i]! - betasQ[i - 1]!)) / BETA_ONE_Q / Math.PI);
  }
  return barrier;
}

/** Twice the barrier and one: neighbours reject half of their exchanges, which is best (Syed et al. 2022, section 5.2). */
export function replicasFor(barrier: number): number {
  return Math.min(MAX_REPLICAS, Math.max(MIN_REPLICAS, Math.ceil(2 * barrier) + 1));
}
