/**
 * Loaded before a worker program (`--import`): in each of its threads it ends the thread at the third task, until a file
 * named by BITGIBBS_TEST_CRASHED is there. The main thread is left alone.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const flag = process.env['BITGIBBS_TEST_CRASHED'];
if (!isMainThread && flag !== undefined && !existsSync(flag)) {
  let tasks = 0;
  const now = performance.now.bind(performance);
  // A thread looks at the clock as it begins a task.
  performance.now = () => {
    if (++tasks === 3) {
      writeFileSync(flag, '');
      process.exit(9);
    }
    return now();
  };
}
