/** A thread that dies, a network that is cut: the draws are those of an undisturbed run. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { assertSame, problem, serialLines, storedLines } from './support/problem.js';
import { proxyTo } from './support/proxy.js';

const LONG = problem({ draws: 60, chains: 4 });
const EXPECTED = serialLines(LONG);

test('a thread that dies in a task costs its worker the session, and the worker comes back', async (t) => {
  const { handle, store, lines } = await coordinatorOf(t, LONG, { shards: 2 });
  const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-crash-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const flag = join(folder, 'crashed');
  const here = (name: string): URL => new URL(`./support/${name}`, import.meta.url);
  const child = fork(here('worker-process.js'), [handle.address, '2'], {
    execArgv: ['--import', here('thread-crash.js').href],
    env: { ...process.env, BITGIBBS_TEST_CRASHED: flag },
  });
  t.after(() => child.kill('SIGKILL'));
  assert.equal((await handle.finished).kind, 'finished');
  assert.ok(existsSync(flag), 'no thread was ended');
  assert.ok(
    lines.some((line) => line.startsWith('worker 1 ') && line.includes(' leaves: ')),
    lines.join('\n'),
  );
  assertSame(await storedLines(store), EXPECTED);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a worker that is cut off is given up, and the others go on', async (t) => {
  // Of a chain that one worker began, the other cannot do the rest before that one is given up.
  const alone = problem({ draws: 400, chains: 1 });
  const { handle, store, lines } = await coordinatorOf(t, alone, { shards: 2, heartbeatMs: 100 });
  const proxy = await proxyTo(t, handle.address);
  const far = workerOf(t, proxy.address, { name: 'far', reconnectTimeoutMs: 100 });
  await until(handle, ({ workers }) => workers[0]?.state === 'working');
  void workerOf(t, handle.address);
  await until(handle, ({ sweepsDone }) => sweepsDone > 20);
  proxy.cut();
  await assert.rejects(far, /no coordinator answers/);
  assert.equal((await handle.finished).kind, 'finished');
  assert.ok(
    lines.some((line) => /^lost worker \d \(far\): nothing was heard of it for/.test(line)),
    lines.join('\n'),
  );
  assertSame(await storedLines(store), serialLines(alone));
});

test('the only worker is cut off: the run waits, and it comes back when the network does', async (t) => {
  const { handle, store } = await coordinatorOf(t, LONG, { shards: 2, heartbeatMs: 100 });
  const proxy = await proxyTo(t, handle.address);
  const said: string[] = [];
  const far = workerOf(t, proxy.address, { log: (line) => said.push(line) });
  await until(handle, ({ sweepsDone }) => sweepsDone > 20);
  proxy.cut();
  await until(handle, ({ phase }) => phase === 'waiting');
  proxy.mend();
  assert.equal((await handle.finished).kind, 'finished');
  assertSame(await storedLines(store), EXPECTED);
  assert.equal((await far).kind, 'finished');
  assert.ok(
    said.some((line) => /nothing was heard of the coordinator for/.test(line)),
    said.join('\n'),
  );
});
