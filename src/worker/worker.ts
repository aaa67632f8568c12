/** The worker process: joins a coordinator's run, comes back when the stream breaks, ends when the run does. */
import { hostname } from 'node:os';
import { InputError } from '../posterior/model.js';
import { STREAM_VERSION } from '../posterior/stream.js';
import { withFacts } from '../telemetry/log.js';
import { packageVersion } from '../telemetry/package-version.js';
import { makeClient } from '../wire/client.js';
import type { HelloFacts } from '../wire/codec/hello.js';
import { PROTOCOL_VERSION } from '../wire/version.js';
import { backoffMs, pause } from './backoff.js';
import { coordinatorOrLeave } from './first-answer.js';
import { defaultMemoryBytes } from './memory.js';
import type { WorkerOptions, WorkerOutcome } from './options.js';
import { runSession, type SessionEnd } from './session.js';
import { WorkerState, startWorkerTelemetry } from './telemetry.js';
import { Workplace } from './workplace.js';

const CONNECT_TIMEOUT_MS = 30_000;
const RECONNECT_TIMEOUT_MS = 300_000;
/** Sessions that failed on this side, with not one walk in between (shards may have come): it would go on for ever. */
const MAX_FAILURES = 3;

/**
 * Works until the run is over.
 * @throws InputError when the coordinator can't be reached or can't work with this version, or this worker keeps failing
 */
export async function runWorker(given: WorkerOptions): Promise<WorkerOutcome> {
  const leave = given.signal ?? new AbortController().signal;
  const state = new WorkerState();
  const options = { ...given, log: withFacts(given.log, state.ids) };
  const telemetry = await startWorkerTelemetry(options, state);
  if (telemetry) options.log(`metrics at http://${telemetry.address}/metrics`);
  try {
    return await joinUntilOver(options, state, leave);
  } finally {
    await telemetry?.close();
  }
}

async function joinUntilOver(
  options: WorkerOptions,
  state: WorkerState,
  leave: AbortSignal,
): Promise<WorkerOutcome> {
  let timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  let attempt = 0;
  let failures = 0;
  while (!leave.aborted) {
    const { sessions, walks } = state;
    const end = await joinOnce(options, state, leave, timeoutMs);
    if (end.kind === 'refused') throw new InputError(end.reason);
    if (end.kind !== 'broken' && end.kind !== 'failed') return { kind: end.kind, reason: end.reason };
    const useful = state.walks > walks;
    failures = useful ? 0 : failures + Number(end.kind === 'failed');
    if (failures === MAX_FAILURES) {
      throw new InputError(`gave up after ${failures} failures, the last: ${end.reason}`);
    }
    attempt = useful ? 0 : attempt + 1;
    if (state.sessions > sessions) timeoutMs = options.reconnectTimeoutMs ?? RECONNECT_TIMEOUT_MS;
    options.log(
      `${end.kind === 'failed' ? 'failed' : 'lost the coordinator'} (${end.reason}), trying again`,
      { level: 'warn' },
    );
    await pause(backoffMs(attempt, Math.random), leave);
  }
  return { kind: 'left', reason: String(leave.reason) };
}

/** Connects and runs one session. @throws InputError when nothing answers in time */
async function joinOnce(
  options: WorkerOptions,
  state: WorkerState,
  leave: AbortSignal,
  timeoutMs: number,
): Promise<SessionEnd> {
  const client = makeClient(options.coordinator, options.identity);
  let workplace: Workplace | undefined;
  try {
    const here = await coordinatorOrLeave(client, options.coordinator, timeoutMs, leave);
    if (!here) return { kind: 'left', reason: String(leave.reason) };
    return await runSession({
      client,
      hello: helloOf(options),
      welcomed: async (welcome) => {
        Object.assign(state.ids, { run: welcome.runId, worker: welcome.worker });
        workplace = Workplace.open(welcome, client, options, state);
        return (command) => workplace!.carryOut(command);
      },
      leave,
    });
  } finally {
    state.connected = false;
    await workplace?.close();
    client.close();
  }
}

function helloOf(options: WorkerOptions): HelloFacts {
  return {
    protocolVersion: PROTOCOL_VERSION,
    streamVersion: STREAM_VERSION,
    packageVersion: packageVersion(),
    name: options.name ?? `${hostname()}/${process.pid}`,
    threads: options.threads,
    memoryBytes: options.memoryBytes ?? defaultMemoryBytes(),
    kernel: options.kernel,
  };
}
