/** Peers that follow no rules: what they send ends their call or their connection, and nothing else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { type Client, status } from '@grpc/grpc-js';
import type { Limits } from '../../src/coordinator/access/limits.js';
import type { CoordinatorHandle } from '../../src/coordinator/options.js';
import { STREAM_VERSION } from '../../src/posterior/stream.js';
import { makeClient } from '../../src/wire/client.js';
import { encodeHello } from '../../src/wire/codec/hello.js';
import { encodeChecked } from '../../src/wire/checksum.js';
import { v1 } from '../../src/wire/messages.js';
import { chainService, workerService } from '../../src/wire/services.js';
import { PROTOCOL_VERSION } from '../../src/wire/version.js';
import { uniforms } from '../support/tiny-models.js';
import { coordinatorOf, until, workerOf, type TestCoordinator } from './support/cluster.js';
import { countEnds, flood } from './support/http2-flood.js';
import { assertSame, problem, serialLines, storedLines } from './support/problem.js';
import { nameOf, rawCall, rawStream, type Ended } from './support/raw-calls.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const JOIN = workerService.join.path;
const HELLO = encodeChecked(v1.JoinRequest, {
  hello: encodeHello({
    ...{ protocolVersion: PROTOCOL_VERSION, streamVersion: STREAM_VERSION, packageVersion: '0' },
    ...{ name: 'nobody', threads: 1, memoryBytes: 0, kernel: 'wasm' },
  }),
});
const ONE_MESSAGE = [
  workerService.pullShard.path,
  ...Object.values(chainService).map(({ path }) => path),
].filter(
  // These act, or wait for more.
  (path) => !/StopRun|StreamEvents|StreamDraws/.test(path),
);

async function limited(t: TestContext, limits: Partial<Limits> = {}): Promise<TestCoordinator> {
  return coordinatorOf(t, problem(), { access: { limits } });
}

function clientOf(t: TestContext, { handle }: TestCoordinator): Client {
  const client = makeClient(handle.address);
  t.after(() => client.close());
  return client;
}

async function tcp(t: TestContext, { handle }: TestCoordinator): Promise<Socket> {
  const [host, port] = handle.address.split(':');
  const socket = connect(Number(port), host!);
  t.after(() => socket.destroy());
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  return socket;
}

async function untilIdle(handle: CoordinatorHandle, connections: number): Promise<void> {
  while (handle.load().calls > 0 || handle.load().connections > connections) await sleep(10);
}

const RULES = { newCalls: { perSecond: 1e6, burst: 1e6 } };

/** Bytes that are nearly messages: fields of messages with bits turned, cut, doubled or followed by noise. */
function* fuzzed(seed: number, count: number): Generator<Buffer> {
  const next = uniforms(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const w = new Uint8Array(6).fill(85);
  const report = { bits: w, logLikQ: -5, counts: { flipsProposed: 7 } };
  const samples: v1.JoinRequest.$Properties[] = [
    { hello: { protocolVersion: PROTOCOL_VERSION, streamVersion: STREAM_VERSION, threads: 1, name: 'f' } },
    { loaded: { shards: [0, 1, 2] } },
    { attached: { epoch: 1, chains: [{ chain: 0, report, flipDeltasQ: new Uint8Array(192) }] } },
    { walked: { epoch: 1, round: 1, results: [{ chain: 0, solo: { reports: [{ sweep: 0, report }] } }] } },
    { walked: { epoch: 1, round: 1, results: [{ chain: 0, window: { partialsQ: w, report } }] } },
    { audited: { epoch: 1, chain: 0, differing: 3, seconds: 1 } },
    { leaving: { reason: '\ud800 bye' } },
  ];
  const plain = samples.map((sample) => Buffer.from(v1.JoinRequest.encode(sample).finish()));
  for (let i = 0; i < count; i++) {
    let bytes = Buffer.from(plain[below(plain.length)]!);
    for (let changes = below(4); changes >= 0; changes--) {
      const at = below(bytes.length + 1);
      const kind = below(4);
      if (kind === 0 && bytes.length > 0) bytes[at % bytes.length]! ^= 1 << below(8);
      else if (kind === 1) bytes = bytes.subarray(0, at);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes]);
      else
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(Array.from({ length: below(20) }, () => below(256))),
        ]);
    }
    yield bytes;
  }
}

/** As `fuzzed`, most with the checksum that belongs to them. */
function checked(bytes: Buffer, i: number): Buffer {
  if (i % 8 === 0) return bytes;
  const writer = { finish: () => bytes };
  return encodeChecked({ encode: () => writer as never, decode: () => undefined }, undefined);
}

test('12,000 malformed messages end their calls; nothing stays behind, and the run has the same draws', async (t) => {
  const whole = problem({ draws: 20 });
  const { handle, store } = await coordinatorOf(t, whole, {
    access: { limits: RULES },
    waitForWorkers: 2,
  });
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const counts = new Map<string, number>();
  const note = (what: string, ended: Ended): void => {
    const key = `${what} ${nameOf(ended)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    assert.ok(ended.details.length < 500, ended.details);
  };
  const attack = (bytes: Buffer, i: number): Promise<void> => {
    if (i % 3 === 0)
      return rawCall(client, ONE_MESSAGE[(i / 3) % ONE_MESSAGE.length]!, bytes).then((end) =>
        note('call', end),
      );
    const message = checked(bytes, i);
    if (i % 3 === 1)
      return rawStream(client, JOIN, [message, Buffer.alloc(3)]).then((end) => note('first', end));
    return rawStream(client, JOIN, [HELLO, message, Buffer.alloc(3)]).then((end) => note('joined', end));
  };
  let heap = 0;
  let i = 0;
  const pending = new Set<Promise<void>>();
  for (const bytes of fuzzed(7, 12_000)) {
    const one = attack(bytes, i++).finally(() => pending.delete(one));
    pending.add(one);
    if (pending.size === 48) await Promise.race(pending);
    if (i === 4_000 || i === 12_000) {
      await Promise.all(pending);
      await untilIdle(handle, 1);
      collect();
      const { heapUsed } = process.memoryUsage();
      if (i === 12_000)
        assert.ok(heapUsed - heap < 16 * 2 ** 20, `the heap grew by ${heapUsed - heap} bytes`);
      heap = heapUsed;
    }
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(counts)));
  assert.ok(!counts.has('joined OK') && !counts.has('first OK'), 'a malformed message ended a stream well');
  assert.deepEqual(handle.status().workers, []);
  const workers = [workerOf(t, handle.address), workerOf(t, handle.address)];
  await handle.finished;
  for (const { kind } of await Promise.all(workers)) assert.equal(kind, 'finished');
  assertSame(await storedLines(store), serialLines(whole));
});

test('messages that are too large, packed or nested too deeply', async (t) => {
  const coordinator = await limited(t);
  const client = clientOf(t, coordinator);
  const { getRun } = chainService;
  const large = Buffer.alloc(200_000);
  assert.equal((await rawCall(client, getRun.path, large)).code, status.RESOURCE_EXHAUSTED);
  assert.equal((await rawStream(client, JOIN, [large])).code, status.RESOURCE_EXHAUSTED);
  assert.equal((await rawStream(client, JOIN, [HELLO, large])).code, status.RESOURCE_EXHAUSTED);
  const bomb = await packed(coordinator, getRun.path, gzipSync(Buffer.alloc(64 * 2 ** 20)));
  assert.equal(bomb, String(status.RESOURCE_EXHAUSTED));
  // Groups within groups of a field that nobody knows.
  const deep = Buffer.alloc(20_000, (20 << 3) | (3 & 7));
  assert.equal((await rawCall(client, getRun.path, deep)).code, status.INTERNAL);
  assert.equal((await rawStream(client, JOIN, [checked(deep, 1)])).code, status.INVALID_ARGUMENT);
  assert.equal((await rawCall(client, getRun.path, Buffer.alloc(0))).code, status.OK);
});

/** Calls with a compressed message; its grpc-status. */
async function packed({ handle }: TestCoordinator, path: string, bytes: Buffer): Promise<string> {
  const session = connectHttp2(`http://${handle.address}`);
  const call = session.request({
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    'grpc-encoding': 'gzip',
  });
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  call.end(Buffer.concat([head, bytes]));
  const [headers] = (await once(call, 'response')) as [Record<string, string>];
  session.destroy();
  return headers['grpc-status'] ?? 'none';
}

test('who says nothing, or says it slowly, is not waited for', async (t) => {
  const coordinator = await limited(t, { firstMessageMs: 150 });
  const silent = await tcp(t, coordinator);
  const preface = await tcp(t, coordinator);
  preface.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
  const noise = await tcp(t, coordinator);
  noise.write('GET / HTTP/1.1\r\n\r\n');
  await Promise.all([silent, preface, noise].map((socket) => once(socket, 'close')));
  const client = clientOf(t, coordinator);
  for (const ended of [await rawStream(client, JOIN, []), await halfMessage(coordinator)]) {
    assert.deepEqual(ended, { code: status.DEADLINE_EXCEEDED, details: 'nothing was asked within 150 ms' });
  }
  await untilIdle(coordinator.handle, 1);
});

/** A call whose message stops in the middle. */
async function halfMessage({ handle }: TestCoordinator): Promise<Ended> {
  const session = connectHttp2(`http://${handle.address}`);
  const call = session.request({
    ...{ ':method': 'POST', ':path': JOIN, 'content-type': 'application/grpc', te: 'trailers' },
  });
  call.write(Buffer.from([0, 0, 0, 1, 0, 7]));
  const [headers] = (await once(call, 'response')) as [Record<string, string>];
  session.destroy();
  return { code: Number(headers['grpc-status']), details: decodeURI(headers['grpc-message']!) };
}

test('more calls, connections and beginnings than there may be', async (t) => {
  const coordinator = await limited(t, { calls: 10, callsPerConnection: 4, connections: 5 });
  const follow = (): Client => {
    const client = clientOf(t, coordinator);
    for (let i = 0; i < 8; i++) void rawStream(client, JOIN, [HELLO]);
    return client;
  };
  // Of 8 calls on a connection, 4 begin and the others wait for them at the client's.
  follow();
  follow();
  while (coordinator.handle.load().calls < 8) await sleep(10);
  const third = clientOf(t, coordinator);
  const ends = await Promise.race([
    Promise.all(Array.from({ length: 3 }, () => rawStream(third, JOIN, [HELLO]))).then(() => []),
    rawStreamRefused(third),
  ]);
  assert.deepEqual(ends, [status.RESOURCE_EXHAUSTED, 'this coordinator takes 10 calls at a time']);
  const more = await Promise.all(Array.from({ length: 6 }, () => tcp(t, coordinator)));
  await Promise.race(more.map((socket) => once(socket, 'close')));
  assert.ok(coordinator.handle.load().connections <= 5);
  assert.match(coordinator.lines.join('\n'), /refused a connection: there are 5 already/);
});

async function rawStreamRefused(client: Client): Promise<[number, string]> {
  for (;;) {
    const { code, details } = await rawStream(client, JOIN, [HELLO]);
    if (code === status.RESOURCE_EXHAUSTED) return [code, details];
  }
}

test('a peer that opens more streams than it is told it may loses them, and where it had agreed its connection', async (t) => {
  const coordinator = await limited(t, { callsPerConnection: 4 });
  const { handle } = coordinator;
  const patient = await tcp(t, coordinator);
  const refused = countEnds(patient);
  await flood(patient, JOIN, 500, false);
  while (refused.resets < 496) await sleep(1);
  assert.equal(handle.load().calls, 4);
  assert.ok(!refused.isOver);
  const breaker = await tcp(t, coordinator);
  const broken = countEnds(breaker);
  await flood(breaker, JOIN, 500, true);
  while (!broken.isOver) await sleep(1);
  patient.destroy();
  await untilIdle(handle, 0);
  assert.equal(
    (await rawCall(clientOf(t, coordinator), chainService.getRun.path, Buffer.alloc(0))).code,
    status.OK,
  );
});

test('calls and connections that come too fast', async (t) => {
  const coordinator = await limited(t, {
    newCalls: { perSecond: 0.001, burst: 3 },
    newConnections: { perSecond: 0.001, burst: 2 },
  });
  const client = clientOf(t, coordinator);
  const codes: number[] = [];
  for (let i = 0; i < 5; i++)
    codes.push((await rawCall(client, chainService.getRun.path, Buffer.alloc(0))).code);
  const { OK, RESOURCE_EXHAUSTED } = status;
  assert.deepEqual(codes, [OK, OK, OK, RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED]);
  await tcp(t, coordinator);
  await once(await tcp(t, coordinator), 'close');
  assert.match(
    coordinator.lines.join('\n'),
    /refused a connection of 127\.0\.0\.1: more than 0\.001 new connections a second/,
  );
});

test('answers to what was never asked, and floods of heartbeats', async (t) => {
  const coordinator = await limited(t);
  const client = clientOf(t, coordinator);
  const message = (content: v1.JoinRequest.$Properties): Buffer => encodeChecked(v1.JoinRequest, content);
  const audited = message({ audited: { chain: 0 } });
  // One is owed at most: the coordinator has asked for shards.
  const unasked = await rawStream(client, JOIN, [HELLO, ...Array<Buffer>(9).fill(audited)]);
  assert.deepEqual(unasked, {
    code: status.INVALID_ARGUMENT,
    details: 'an answer came to nothing that was asked',
  });
  const flood = await rawStream(client, JOIN, [HELLO, ...Array<Buffer>(99).fill(message({ heartbeat: {} }))]);
  assert.deepEqual(flood, { code: status.INVALID_ARGUMENT, details: 'heartbeats come far too often' });
  await until(coordinator.handle, ({ workers }) => workers.length === 0);
});
