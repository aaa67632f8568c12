/** A coordinator that does what a test tells it to. */
import type { TestContext } from 'node:test';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { encodeWelcome } from '../../../src/wire/codec/rule.js';
import {
  workerService,
  type JoinRequest,
  type JoinResponse,
  type PullShardRequest,
  type PullShardResponse,
} from '../../../src/wire/services.js';
import { problem } from './problem.js';

export type FakeCall = ServerDuplexStream<JoinRequest, JoinResponse>;

export interface FakeCoordinator {
  readonly address: string;
  /** Messages of all workers so far, heartbeats left out. */
  readonly heard: readonly JoinRequest[];
}

export interface FakeBehaviour {
  readonly heartbeatMs?: number;
  /** After the welcome. */
  joined(call: FakeCall): void;
  /** After the worker holds the shards it was told to load. */
  loaded?(call: FakeCall): void;
  /** What a pulled shard's stream has. */
  pull?(): Iterable<PullShardResponse>;
  /** Bytes of its messages; those of the protocol by default. */
  serialize?(message: JoinResponse): Buffer;
}

export async function fakeCoordinator(t: TestContext, behaviour: FakeBehaviour): Promise<FakeCoordinator> {
  const heard: JoinRequest[] = [];
  const { rule } = problem();
  const { heartbeatMs = 1000 } = behaviour;
  const welcome = encodeWelcome({ runId: 'fake', worker: 1, rule, chains: 3, heartbeatMs, kernel: 'auto' });
  const join = (call: FakeCall): void => {
    call.on('data', (message: JoinRequest) => {
      if (!message.heartbeat) heard.push(message);
      if (message.hello) {
        call.write({ welcome });
        behaviour.joined(call);
      }
      if (message.loaded) behaviour.loaded?.(call);
    });
    call.on('end', () => call.end()).on('error', () => undefined);
  };
  const pullShard = (call: ServerWritableStream<PullShardRequest, PullShardResponse>): void => {
    for (const message of behaviour.pull?.() ?? []) call.write(message);
    call.end();
  };
  const server = new Server();
  const { serialize = workerService.join.responseSerialize } = behaviour;
  const service = { ...workerService, join: { ...workerService.join, responseSerialize: serialize } };
  server.addService(service, { join, pullShard });
  t.after(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, heard };
}
