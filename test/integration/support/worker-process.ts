/** A worker process for tests: coordinator's address, number of threads. Ends with 0 after a finished run. */
import { runWorker } from '../../../src/worker/worker.js';

const [coordinator = '', threads = '1'] = process.argv.slice(2);
const leave = new AbortController();
process.on('SIGTERM', () => leave.abort('SIGTERM'));
// A test that is cut off takes its workers along.
process.on('disconnect', () => process.exit(2));
const { kind } = await runWorker({
  ...{ coordinator, threads: Number(threads), kernel: 'wasm', signal: leave.signal },
  log: () => undefined,
});
process.exit(kind === 'dropped' ? 1 : 0);
