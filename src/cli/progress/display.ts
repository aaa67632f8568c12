/** Shows a run's progress on a stream: drawn over again on a terminal, a line every few seconds elsewhere. */
import { createLogUpdate } from 'log-update';
import type { RunStatus } from '../../coordinator/status.js';
import { progressLine, progressLines, type ProgressFacts } from './render.js';

const TERMINAL_MS = 250;
const PLAIN_MS = 5_000;

export interface Display {
  /** Takes the display away; on a terminal its last state too. */
  stop(): void;
}

export interface DisplayOptions {
  readonly stream: NodeJS.WriteStream;
  readonly status: () => RunStatus;
  readonly facts: () => ProgressFacts;
}

export function startDisplay({ stream, status, facts }: DisplayOptions): Display {
  if (!stream.isTTY) {
    const timer = setInterval(() => stream.write(`${progressLine(status(), facts())}\n`), PLAIN_MS);
    return { stop: () => clearInterval(timer) };
  }
  const update = createLogUpdate(stream);
  const timer = setInterval(() => update(progressLines(status(), facts()).join('\n')), TERMINAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      update.clear();
      update.done();
    },
  };
}
