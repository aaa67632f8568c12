/** A judge in a thread of its own, so that its sums never hold up the one that serves. */
import { workerData as poolData } from 'piscina';
import type { StopVerdict } from '../../diagnostics/stop-rule.js';
import { Judge, type JudgedDraw, type JudgeSetup } from './judge.js';

/** Draws to take in, and whether a verdict is wanted after them. */
export interface JudgeTask {
  readonly draws: readonly JudgedDraw[];
  readonly wantVerdict: boolean;
}

const judge = new Judge(poolData as JudgeSetup);

export default function run({ draws, wantVerdict }: JudgeTask): StopVerdict | undefined {
  for (const draw of draws) judge.add(draw);
  return wantVerdict ? judge.verdict() : undefined;
}
