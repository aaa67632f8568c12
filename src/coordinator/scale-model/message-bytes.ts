/** How long messages are on the wire, nearly. */
import type { SlotReport } from '../../kernel/kernel.js';
import type { BrainEvent } from '../brain/messages.js';
import type { WorkerCommand } from '../local-worker.js';

const MESSAGE_BYTES = 20;
/** Of a job or a result: names, positions, numbers. */
const JOB_BYTES = 30;

function reportBytes({ w }: SlotReport): number {
  return JOB_BYTES + w.length / 8;
}

export function bytesOfCommand(command: WorkerCommand): number {
  if (command.type === 'attach') {
    return (
      MESSAGE_BYTES + command.owners.length + command.chains.reduce((sum, { w }) => sum + w.length / 8, 0)
    );
  }
  if (command.type !== 'walk') return MESSAGE_BYTES;
  return command.jobs.reduce(
    (sum, job) => sum + JOB_BYTES + (job.kind === 'window' ? job.guess.length : 3 * job.betasQ.length),
    MESSAGE_BYTES,
  );
}

export function bytesOfEvent(event: BrainEvent): number {
  if (event.type === 'attached') {
    return event.chains.reduce(
      (sum, { report, flipDeltasQ }) => sum + reportBytes(report) + 4 * flipDeltasQ.length,
      MESSAGE_BYTES,
    );
  }
  if (event.type !== 'walked') return MESSAGE_BYTES;
  return event.results.reduce((sum, result) => {
    if (result.kind === 'solo')
      return sum + result.reports.reduce((bytes, { report }) => bytes + reportBytes(report), 0);
    return sum + JOB_BYTES + 4 * result.partialsQ.length + (result.report ? reportBytes(result.report) : 0);
  }, MESSAGE_BYTES);
}
