/** One name for all that fixes the draws of a run. */
import { createHash } from 'node:crypto';
import type { ChainRule } from '../kernel/kernel.js';
import { STREAM_VERSION } from '../posterior/stream.js';
import type { RunPlan } from '../sampler/run-plan.js';

/**
 * SHA-256, hex: the same for runs that have the same draws, bit for bit; the number of draws is left out.
 * @param dataSha256 of the training rows
 */
export function drawsId({ model, moves, seed }: ChainRule, plan: RunPlan, dataSha256: string): string {
  const { features, classes, pinned, grid, priorQ, lit } = model;
  const { chains, thin, warmupBetasQ } = plan;
  const facts = {
    ...{ stream: STREAM_VERSION, dataSha256, features, classes, pinned },
    ...{ rows: grid.rows, columns: grid.columns, moves: [moves.rows, moves.swaps], seed, chains, thin },
    tempering: plan.tempering ?? null,
    ...{ priorQ: [...priorQ], lit: [...lit], warmupBetasQ: [...warmupBetasQ] },
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
