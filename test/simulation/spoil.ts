/** A worker that computes wrongly at times. */
import type { BrainEvent } from '../../src/coordinator/brain/messages.js';
import type { SlotReport, WalkResult } from '../../src/kernel/kernel.js';
import { CLOSED_Q } from '../../src/sampler/owners.js';
import type { Dice } from './scenario.js';

const SPOILED = 0.1;

/**
 * Makes a number of an answer too large now and then. Partials only grow: the audit sums what was accepted, so a partial
 * that is too small and has a move refused for it can't be seen in it.
 */
export function spoil(answer: BrainEvent, dice: Dice): BrainEvent {
  if (!dice.chance(SPOILED)) return answer;
  if (answer.type === 'walked')
    return { ...answer, results: answer.results.map((result) => spoilResult(result, dice)) };
  if (answer.type === 'audited') return { ...answer, differing: dice.whole(1, 9) };
  if (answer.type !== 'attached') return answer;
  const chains = answer.chains.map((chain) => ({ ...chain, report: spoilReport(chain.report, dice) }));
  return { ...answer, chains };
}

function spoilResult(result: WalkResult, dice: Dice): WalkResult {
  if (result.kind === 'solo') {
    const reports = result.reports.map(({ sweep, report }) => ({ sweep, report: spoilReport(report, dice) }));
    return { ...result, reports };
  }
  const partialsQ = result.partialsQ.slice();
  const place = dice.whole(0, partialsQ.length);
  if (place < partialsQ.length && partialsQ[place] !== CLOSED_Q) partialsQ[place]! += dice.whole(1, 50_000);
  return { ...result, partialsQ };
}

function spoilReport(report: SlotReport, dice: Dice): SlotReport {
  return { ...report, logLikQ: report.logLikQ + dice.whole(1, 1000) };
}
