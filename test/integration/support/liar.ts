/** A worker that changes its answers before it sends them, or keeps them. */
import type { TestContext } from 'node:test';
import { STREAM_VERSION } from '../../../src/posterior/stream.js';
import { makeClient } from '../../../src/wire/client.js';
import type { WorkerAnswer } from '../../../src/wire/codec/answer.js';
import { PROTOCOL_VERSION } from '../../../src/wire/version.js';
import { runSession, type SessionEnd } from '../../../src/worker/session.js';
import { WorkerState } from '../../../src/worker/telemetry.js';
import { Workplace } from '../../../src/worker/workplace.js';

const HELLO = {
  ...{ protocolVersion: PROTOCOL_VERSION, streamVersion: STREAM_VERSION, packageVersion: '0', name: 'liar' },
  ...{ threads: 1, memoryBytes: 2 ** 30, kernel: 'wasm' as const },
};

/** Works for one session. */
export async function liarOf(
  t: TestContext,
  coordinator: string,
  spoil: (answer: WorkerAnswer) => WorkerAnswer | undefined,
): Promise<SessionEnd> {
  const leave = new AbortController();
  t.after(() => leave.abort('the test is over'));
  const client = makeClient(coordinator);
  const options = { coordinator, threads: 1, kernel: 'wasm' as const, log: () => undefined };
  let workplace: Workplace | undefined;
  try {
    return await runSession({
      ...{ client, hello: HELLO, leave: leave.signal },
      welcomed: async (welcome) => {
        const place = Workplace.open(welcome, client, options, new WorkerState());
        workplace = place;
        return async (command) => {
          const answer = await place.carryOut(command);
          return answer && spoil(answer);
        };
      },
    });
  } finally {
    await workplace?.close();
    client.close();
  }
}
