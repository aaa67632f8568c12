import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { Server, ServerCredentials, status, type StatusObject } from '@grpc/grpc-js';
import { InputError } from '../../src/posterior/model.js';
import { STREAM_VERSION } from '../../src/posterior/stream.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import { callDuplex, callServerStream, makeClient } from '../../src/wire/client.js';
import { encodeHello } from '../../src/wire/codec/hello.js';
import { workerService, type JoinRequest } from '../../src/wire/services.js';
import { PROTOCOL_VERSION } from '../../src/wire/version.js';
import { coordinatorOf, workerOf } from './support/cluster.js';
import { problem } from './support/problem.js';

const HELLO = {
  ...{
    protocolVersion: PROTOCOL_VERSION,
    streamVersion: STREAM_VERSION,
    packageVersion: '0',
    name: 'made up',
  },
  ...{ threads: 1, memoryBytes: 2 ** 30, kernel: 'wasm' as const },
};

/** Joins with a message and gives the status that the stream ends with. */
async function refusal(address: string, message: JoinRequest): Promise<{ code: number; details: string }> {
  const client = makeClient(address);
  const call = callDuplex(client, workerService.join);
  const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
  call.on('data', () => undefined).on('error', () => undefined);
  call.write(message);
  const { code, details } = await ended;
  client.close();
  return { code, details };
}

function input(message: string | RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof InputError, String(error));
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'));
    return true;
  };
}

test('a worker of another protocol or stream version is refused, with both named', async (t) => {
  const { handle } = await coordinatorOf(t, problem());
  const protocol = await refusal(handle.address, { hello: encodeHello({ ...HELLO, protocolVersion: 999 }) });
  assert.equal(protocol.code, status.FAILED_PRECONDITION);
  assert.match(protocol.details, new RegExp(`protocol version 999, this coordinator ${PROTOCOL_VERSION}`));
  const stream = await refusal(handle.address, { hello: encodeHello({ ...HELLO, streamVersion: 998 }) });
  assert.equal(stream.code, status.FAILED_PRECONDITION);
  assert.match(stream.details, new RegExp(`stream version 998, this coordinator ${STREAM_VERSION}`));
});

test('a worker that meets a coordinator of another version ends with its words', async (t) => {
  const server = new Server();
  const join = (call: {
    emit(event: string, error: object): void;
    on(event: string, listener: () => void): void;
  }) =>
    call.on('data', () =>
      call.emit('error', { code: status.FAILED_PRECONDITION, details: 'versions 1 and 2 differ' }),
    );
  server.addService({ join: workerService.join }, { join } as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  t.after(() => server.forceShutdown());
  await assert.rejects(workerOf(t, `127.0.0.1:${port}`), input('versions 1 and 2 differ'));
});

test('a gRPC server that is no coordinator', async (t) => {
  const server = new Server();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  t.after(() => server.forceShutdown());
  await assert.rejects(
    workerOf(t, `127.0.0.1:${port}`),
    input(/^what answers there is no bitgibbs coordinator/),
  );
});

test('no coordinator at the address', async (t) => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  const address = `127.0.0.1:${port}`;
  const expected = input(`no coordinator answers at ${address} (waited 0.3 s)`);
  await assert.rejects(workerOf(t, address, { connectTimeoutMs: 300 }), expected);
  await assert.rejects(workerOf(t, 'nowhere'), input(/^coordinator address must be host:port/));
});

test('addresses that can not be listened on', async (t) => {
  const whole = problem();
  const { handle } = await coordinatorOf(t, whole, { metricsAddress: '127.0.0.1:0' });
  const store = new MemoryStore(3, 48);
  const open = (options: object) => coordinatorOf(t, whole, { store, ...options });
  const taken = `${handle.address} is in use by another program`;
  await assert.rejects(open({ listen: handle.address }), input(`listen address ${taken}`));
  await assert.rejects(open({ metricsAddress: handle.address }), input(`metrics address ${taken}`));
  await assert.rejects(open({ listen: '127.0.0.1' }), input(/^listen address must be host:port/));
  await assert.rejects(
    open({ listen: '192.0.2.1:0', access: { insecure: true } }),
    input(/names no address of this machine/),
  );
  await assert.rejects(open({ metricsAddress: ':9' }), input(/^metrics address must be host:port/));
  await assert.rejects(open({ shards: 121 }), input(/^shards must be a whole number from 1 to 120/));
  await assert.rejects(
    workerOf(t, handle.address, { metricsAddress: handle.address }),
    input(`metrics address ${taken}`),
  );
  assert.equal(store.outcome, undefined);
});

test('messages out of turn, shards that are not there', async (t) => {
  const { handle } = await coordinatorOf(t, problem());
  const early = await refusal(handle.address, { heartbeat: {} });
  assert.deepEqual(early, { code: status.INVALID_ARGUMENT, details: 'the first message must be hello' });
  const threadless = await refusal(handle.address, { hello: encodeHello({ ...HELLO, threads: 0 }) });
  assert.deepEqual(threadless, {
    code: status.INVALID_ARGUMENT,
    details: 'hello.threads must be at least 1',
  });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const { runId } = handle.status();
  for (const [request, code] of [
    [{ runId: 'another', shard: 0 }, status.FAILED_PRECONDITION],
    [{ runId, shard: 7 }, status.NOT_FOUND],
  ] as const) {
    const call = callServerStream(client, workerService.pullShard, request);
    call.on('data', () => undefined);
    const [error] = (await once(call, 'error').catch((cause: unknown) => [cause])) as [{ code: number }];
    assert.equal(error.code, code);
  }
});
