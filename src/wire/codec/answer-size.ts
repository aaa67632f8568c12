/** How large the answer to a command can be: what a worker sends beyond that was not asked for. */
import type { WalkJob } from '../../kernel/kernel.js';
import type { WorkerCommand } from './command.js';

/** Keys, lengths and numbers of a message around its bytes; the largest of them, a report with its counts, has 120. */
const FRAME_BYTES = 160;
const INT32_BYTES = 4;
/** Numbers of shards are below 2^21. */
const SHARD_BYTES = 3;

/** @param weights D K @returns an upper bound in bytes; 0 where no answer is due */
export function answerBytes(command: WorkerCommand, weights: number): number {
  const report = FRAME_BYTES + Math.ceil(weights / 8);
  switch (command.type) {
    case 'load':
      return FRAME_BYTES + SHARD_BYTES * command.shards.length;
    case 'attach': {
      const deltas = command.wantFlipDeltas ? INT32_BYTES * weights : 0;
      return FRAME_BYTES + command.chains.length * (report + deltas);
    }
    case 'walk':
      return command.jobs.reduce((sum, job) => sum + resultBytes(job, report), FRAME_BYTES);
    case 'audit':
      return FRAME_BYTES;
    case 'detach':
      return 0;
  }
}

function resultBytes(job: WalkJob, report: number): number {
  if (job.kind === 'solo') return FRAME_BYTES + (job.reportAfter.length + 1) * report;
  return FRAME_BYTES + INT32_BYTES * (job.to - job.from) + report;
}
