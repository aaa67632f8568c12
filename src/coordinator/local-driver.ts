/** Runs a brain with workers in this process, one event after the other: for tests, benchmarks and use as a library. */
import type { FlipKernel } from '../kernel/kernel.js';
import type { Rows } from '../posterior/rows.js';
import { Brain } from './brain/brain.js';
import type { BrainConfig } from './brain/config.js';
import type {
  BrainCommand,
  BrainEvent,
  Checkpoint,
  DrawCommand,
  Notice,
  WarmupDrawCommand,
} from './brain/messages.js';
import { isWorkerCommand, LocalWorker } from './local-worker.js';

export interface LocalRun {
  readonly config: BrainConfig;
  /** Rows of each shard of the configuration. */
  readonly shards: readonly Rows[];
  /** One a worker, without shards. */
  readonly kernels: readonly FlipKernel[];
  readonly onDraw?: (draw: DrawCommand) => void;
  readonly onWarmupDraw?: (draw: WarmupDrawCommand) => void;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  readonly onNotice?: (notice: Notice) => void;
  /** What the brain hears, just before it does: a transcript that can be played to another brain. */
  readonly onEvent?: (event: BrainEvent) => void;
}

/**
 * Runs until all draws are out.
 * @returns the brain, for its statistics
 * @throws Error when a worker is dropped: in one process that is a bug of a kernel
 */
export function runLocally(run: LocalRun): Brain {
  const brain = new Brain(run.config);
  const workers = run.kernels.map((kernel, id) => new LocalWorker(id, kernel, run.shards));
  const joins = workers.map(({ id }): BrainEvent => {
    return { type: 'workerJoined', worker: id, threads: 1, memoryBytes: Number.MAX_SAFE_INTEGER };
  });
  let events = joins;
  let isFinished = take(brain.start());

  function take(commands: readonly BrainCommand[]): boolean {
    for (const command of commands) {
      if (isWorkerCommand(command)) {
        const answer = workers[command.worker]!.answer(command);
        if (answer) events.push(answer);
      } else if (command.type === 'draw') run.onDraw?.(command);
      else if (command.type === 'warmupDraw') run.onWarmupDraw?.(command);
      else if (command.type === 'checkpoint') run.onCheckpoint?.(command);
      else if (command.type === 'notice') run.onNotice?.(command);
      else if (command.type === 'dropWorker') throw new Error(`worker ${command.worker}: ${command.reason}`);
      else return true;
    }
    return false;
  }

  while (!isFinished) {
    const heard = events;
    events = [];
    if (heard.length === 0) throw new Error('the brain waits for nothing');
    const commands = heard.flatMap((event) => {
      run.onEvent?.(event);
      return brain.step(event);
    });
    isFinished = take(commands);
  }
  return brain;
}
