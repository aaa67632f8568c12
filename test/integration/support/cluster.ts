/** A coordinator and workers on loopback, given back at the end of the test. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCoordinator } from '../../../src/coordinator/coordinator.js';
import type { CoordinatorHandle, CoordinatorOptions } from '../../../src/coordinator/options.js';
import type { RunStatus } from '../../../src/coordinator/status.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import type { WorkerOptions, WorkerOutcome } from '../../../src/worker/options.js';
import { runWorker } from '../../../src/worker/worker.js';
import type { Problem } from './problem.js';

export interface TestCoordinator {
  readonly handle: CoordinatorHandle;
  readonly store: MemoryStore;
  /** Its log so far. */
  readonly lines: readonly string[];
}

type Overrides = Partial<Omit<CoordinatorOptions, 'rule' | 'plan' | 'rows' | 'store'>> & {
  readonly store?: MemoryStore;
};

export async function coordinatorOf(
  t: TestContext,
  problem: Problem,
  options: Overrides = {},
): Promise<TestCoordinator> {
  const { rule, plan } = problem;
  const store = options.store ?? new MemoryStore(plan.chains, rule.model.features * rule.model.classes);
  const lines: string[] = [];
  const handle = await startCoordinator({
    ...{ ...problem, dataSha256: 'abc', shards: 1, listen: '127.0.0.1:0', flushMs: 50 },
    ...options,
    store,
    log: (line) => lines.push(line),
  });
  t.after(() => handle.stop().catch(() => undefined));
  return { handle, store, lines };
}

/** A worker in this process. */
export function workerOf(
  t: TestContext,
  coordinator: string,
  options: Partial<WorkerOptions> = {},
): Promise<WorkerOutcome> {
  const leave = new AbortController();
  t.after(() => leave.abort('the test is over'));
  return runWorker({
    coordinator,
    threads: 1,
    kernel: 'wasm',
    log: () => undefined,
    signal: leave.signal,
    ...options,
  });
}

/** A worker in a process of its own. */
export function workerProcess(t: TestContext, coordinator: string, threads = 1): ChildProcess {
  const child = fork(new URL('./worker-process.js', import.meta.url), [coordinator, String(threads)]);
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

/** Waits until a run's status is as wished. @throws when the run ends without */
export async function until(
  handle: CoordinatorHandle,
  wished: (status: RunStatus) => boolean,
): Promise<RunStatus> {
  for (;;) {
    const status = handle.status();
    if (wished(status)) return status;
    assert.notEqual(status.phase, 'finished', 'the run was over too early for this test');
    await sleep(5);
  }
}
