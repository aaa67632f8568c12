import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import { Server, ServerCredentials, status, type ServiceError } from '@grpc/grpc-js';
import { connect as connectClient } from '../../src/client/index.js';
import { InputError } from '../../src/posterior/model.js';
import { callServerStream, callUnary, makeClient, waitForCoordinator } from '../../src/wire/client.js';
import type { Identity } from '../../src/wire/security/credentials.js';
import { roleUri } from '../../src/wire/security/roles.js';
import { chainService, workerService } from '../../src/wire/services.js';
import { Authority } from '../support/authority.js';
import { coordinatorOf, until, workerOf, type TestCoordinator } from './support/cluster.js';
import { keysOf, type Keys } from './support/keys.js';
import { assertSame, problem, serialLines, storedLines } from './support/problem.js';

const TOKEN = 'a-token-of-more-than-thirty-two-characters';

async function secured(
  t: TestContext,
  keys: Keys,
  token?: string,
  options: { readonly metricsAddress?: string } = {},
): Promise<TestCoordinator> {
  const certificates = keys.opened(await keys.sign('coordinator'), 'coordinator');
  const tokens = token === undefined ? {} : { tokens: keys.tokens(token).list };
  return coordinatorOf(t, problem(), { access: { certificates, ...tokens }, ...options });
}

/** What becomes of a client's question. */
async function asked(
  t: TestContext,
  address: string,
  identity?: Identity,
): Promise<ServiceError | undefined> {
  const client = makeClient(address, identity);
  t.after(() => client.close());
  await waitForCoordinator(client, address, 2_000);
  try {
    await callUnary(client, chainService.getRun, {});
    return undefined;
  } catch (error) {
    return error as ServiceError;
  }
}

async function untilLogged({ lines }: { readonly lines: readonly string[] }, pattern: RegExp): Promise<void> {
  while (!lines.some((line) => pattern.test(line))) await sleep(10);
}

function input(message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    return true;
  };
}

test('over TLS the draws are those of the serial sampler, and a client reads them', async (t) => {
  const keys = await keysOf(t);
  const whole = problem();
  const certificates = keys.opened(await keys.sign('coordinator'), 'coordinator');
  const { handle, store } = await coordinatorOf(t, whole, { access: { certificates }, shards: 2 });
  const pair = await keys.sign('client');
  const client = connectClient(handle.address, { tls: { ca: keys.authority.ca, ...pair } });
  t.after(() => client.close());
  const pulled: unknown[] = [];
  const pull = (async () => {
    for await (const draw of client.draws({ follow: true })) pulled.push(draw);
  })();
  const workers = await Promise.all([keys.identity('worker'), keys.identity('worker')]);
  const outcomes = workers.map((identity) => workerOf(t, handle.address, { identity }));
  assert.equal((await handle.finished).kind, 'finished');
  for (const outcome of outcomes) assert.equal((await outcome).kind, 'finished');
  await pull;
  assert.equal(pulled.length, whole.plan.chains * whole.plan.draws);
  assertSame(await storedLines(store), serialLines(whole));
});

test('who speaks no TLS, trusts another authority or comes from one is not let in, and is told so', async (t) => {
  const keys = await keysOf(t);
  const coordinator = await secured(t, keys);
  const { address } = coordinator.handle;
  const at = `no coordinator answers at ${address} \\(waited 0.4 s\\)`;
  const failure = (identity?: Identity) =>
    workerOf(t, address, { connectTimeoutMs: 400, ...(identity ? { identity } : {}) });
  await assert.rejects(
    failure(),
    input(new RegExp(`^${at}: what is there closes the connection at once \\(does it serve over TLS`)),
  );
  await untilLogged(coordinator, /^refused a connection of 127\.0\.0\.1: wrong version number/);
  const other = await Authority.found(keys.folder, 'other');
  const foreign = await other.sign('foreign', { uris: [roleUri('worker')] });
  await assert.rejects(
    failure({ certificates: keys.opened(foreign, 'worker') }),
    input(/closes the connection at once \(does it trust this certificate\?\)$/),
  );
  await untilLogged(coordinator, /its certificate is not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/);
  const trustsOther = { certificates: keys.opened(await keys.sign('worker'), 'worker', other.ca) };
  await assert.rejects(failure(trustsOther), input(/: self-signed certificate in certificate chain$/));
  await assert.rejects(
    failure({ certificates: keys.opened(undefined, 'worker') }),
    input(/closes the connection at once/),
  );
  await untilLogged(coordinator, /it showed no certificate/);
  assert.equal(coordinator.handle.status().phase, 'waiting');
});

test('certificates that are expired or not valid yet are refused by both sides', async (t) => {
  const keys = await keysOf(t);
  const coordinator = await secured(t, keys);
  for (const [dates, code, words] of [
    [{ from: -9, to: -1 }, 'CERT_HAS_EXPIRED', 'it expired on'],
    [{ from: 1, to: 9 }, 'CERT_NOT_YET_VALID', 'it begins on'],
  ] as const) {
    const pair = await keys.sign('worker', dates);
    assert.throws(
      () => keys.opened(pair, 'worker'),
      input(new RegExp(`${pair.cert} must be valid now: ${words}`)),
    );
    // A peer that doesn't look at its own certificate.
    const [host, port] = coordinator.handle.address.split(':');
    const socket = connectTls({
      ...{ host: host!, port: Number(port), ALPNProtocols: ['h2'], ca: readFileSync(keys.authority.ca) },
      ...{ cert: readFileSync(pair.cert), key: readFileSync(pair.key) },
    });
    socket.on('error', () => undefined);
    await once(socket, 'close');
    await untilLogged(coordinator, new RegExp(`its certificate is not trusted \\(${code}\\)`));
  }
});

test('what answers has to be the coordinator: a worker can not pretend to be it', async (t) => {
  const keys = await keysOf(t);
  const pair = await keys.sign('worker');
  const server = new Server();
  const credentials = ServerCredentials.createSsl(readFileSync(keys.authority.ca), [
    { cert_chain: readFileSync(pair.cert), private_key: readFileSync(pair.key) },
  ]);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  t.after(() => server.forceShutdown());
  const identity = await keys.identity('worker');
  await assert.rejects(
    workerOf(t, `127.0.0.1:${port}`, { identity, connectTimeoutMs: 300 }),
    input(/: its certificate does not name bitgibbs:\/\/coordinator$/),
  );
});

test('who is refused is counted, by reason', async (t) => {
  const keys = await keysOf(t);
  const { handle } = await secured(t, keys, TOKEN, { metricsAddress: '127.0.0.1:0' });
  const counted = async (): Promise<Record<string, number>> => {
    const text = await (await fetch(`http://${handle.metricsAddress}/metrics`)).text();
    const found = text.matchAll(/^bitgibbs_refused_total\{reason="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries([...found].map(([, reason, count]) => [reason, Number(count)]));
  };
  const none = { connection: 0, unauthenticated: 0, permission_denied: 0, resource_exhausted: 0 };
  assert.deepEqual(await counted(), none);
  await asked(t, handle.address, await keys.identity('worker'));
  assert.deepEqual(await counted(), { ...none, permission_denied: 1 });
  // No TLS at all.
  const plain = connect(Number(handle.address.split(':')[1]), '127.0.0.1').on('error', () => undefined);
  plain.end('GET / HTTP/1.1\r\n\r\n');
  await once(plain.resume(), 'close');
  assert.deepEqual(await counted(), { ...none, permission_denied: 1, connection: 1 });
});

test('roles: a worker can not read chains, a client can not join or pull shards', async (t) => {
  const keys = await keysOf(t);
  const { handle } = await secured(t, keys);
  const worker = await keys.identity('worker');
  const client = await keys.identity('client');
  const refused = await asked(t, handle.address, worker);
  assert.equal(refused?.code, status.PERMISSION_DENIED);
  assert.equal(
    refused?.details,
    'bitgibbs.v1.ChainService is for certificates with bitgibbs://client, this one has the role worker',
  );
  assert.equal(await asked(t, handle.address, client), undefined);
  await assert.rejects(
    workerOf(t, handle.address, { identity: client }),
    input(
      /^bitgibbs\.v1\.WorkerService is for certificates with bitgibbs:\/\/worker, this one has the role client$/,
    ),
  );
  const grpc = makeClient(handle.address, client);
  t.after(() => grpc.close());
  const pull = callServerStream(grpc, workerService.pullShard, { runId: handle.status().runId, shard: 0 });
  const [error] = (await once(
    pull.on('data', () => undefined),
    'error',
  )) as [ServiceError];
  assert.equal(error.code, status.PERMISSION_DENIED);
  // Both in one certificate.
  const both = {
    certificates: keys.opened(
      await keys.sign('client', { uris: [roleUri('worker'), roleUri('client')] }),
      'client',
    ),
  };
  assert.equal(await asked(t, handle.address, both), undefined);
});

test('a token stands for a client without a certificate, and for nothing else', async (t) => {
  const keys = await keysOf(t);
  const coordinator = await secured(t, keys, TOKEN);
  const { address } = coordinator.handle;
  const bare = keys.opened(undefined, 'client');
  const tokenFile = join(keys.folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
  assert.equal(await asked(t, address, { certificates: bare, tokenFile }), undefined);
  await assert.rejects(
    workerOf(t, address, { identity: { certificates: bare, tokenFile } }),
    input(/^bitgibbs\.v1\.WorkerService is for certificates with bitgibbs:\/\/worker/),
  );
  const wrong = join(keys.folder, 'wrong');
  writeFileSync(wrong, `${TOKEN.replace('a', 'b')}\n`);
  const secret = /token-of-more/;
  for (const identity of [{ certificates: bare }, { certificates: bare, tokenFile: wrong }]) {
    const error = await asked(t, address, identity);
    assert.equal(error?.code, status.UNAUTHENTICATED);
    assert.doesNotMatch(error.details, secret);
  }
  // A certificate of another authority is not made good by a token.
  const other = await Authority.found(keys.folder, 'other');
  const foreign = keys.opened(await other.sign('foreign', { uris: [roleUri('client')] }), 'client');
  await assert.rejects(
    asked(t, address, { certificates: foreign, tokenFile }),
    input(/closes the connection at once/),
  );
  assert.ok(!coordinator.lines.some((line) => secret.test(line)));
  // What the file says later counts from then on, on both sides.
  const next = TOKEN.toUpperCase();
  writeFileSync(join(keys.folder, 'tokens'), `# changed\n${next}\n`);
  while ((await asked(t, address, { certificates: bare, tokenFile })) === undefined) await sleep(10);
  writeFileSync(tokenFile, next);
  assert.equal(await asked(t, address, { certificates: bare, tokenFile }), undefined);
});

/** The certificate that a coordinator shows. */
async function shown(address: string, ca: Buffer): Promise<DetailedPeerCertificate> {
  const [host, port] = address.split(':');
  const socket = connectTls({ host: host!, port: Number(port), ca, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate(true);
  socket.destroy();
  return certificate;
}

test('certificates are read again when they change; what is wrong leaves the old ones in force', async (t) => {
  const keys = await keysOf(t);
  const ca = readFileSync(keys.authority.ca);
  const pair = await keys.sign('coordinator');
  const certificates = keys.opened(pair, 'coordinator');
  const { handle } = await coordinatorOf(t, problem({ draws: 5_000 }), { access: { certificates } });
  const identity = await keys.identity('worker');
  void workerOf(t, handle.address, { identity });
  await until(handle, ({ phase }) => phase === 'sampling');
  const before = (await shown(handle.address, ca)).serialNumber;
  writeFileSync(pair.cert, 'no certificate at all');
  await untilLogged(
    keys,
    new RegExp(
      `^WARNING: TLS certificate ${pair.cert} must be a certificate in PEM.*; what was there before stays in force`,
    ),
  );
  assert.equal((await shown(handle.address, ca)).serialNumber, before);
  const next = await keys.sign('coordinator');
  renameSync(next.cert, pair.cert);
  renameSync(next.key, pair.key);
  await untilLogged(keys, /^read again: /);
  assert.notEqual((await shown(handle.address, ca)).serialNumber, before);
  // The worker's stream has gone on under the old one.
  assert.deepEqual(
    handle.status().workers.map(({ state }) => state),
    ['working'],
  );
});

test('a worker that waits for its coordinator takes certificates that come meanwhile', async (t) => {
  const keys = await keysOf(t);
  const coordinator = await secured(t, keys);
  const other = await Authority.found(keys.folder, 'other');
  const pair = await other.sign('worker', { uris: [roleUri('worker')] });
  const outcome = workerOf(t, coordinator.handle.address, {
    identity: { certificates: keys.opened(pair, 'worker') },
    connectTimeoutMs: 60_000,
  });
  await untilLogged(coordinator, /its certificate is not trusted/);
  const right = await keys.sign('worker');
  renameSync(right.cert, pair.cert);
  renameSync(right.key, pair.key);
  assert.equal((await outcome).kind, 'finished');
});

test('beyond this machine a coordinator serves only over TLS, or when told to serve anyone', async (t) => {
  const whole = problem();
  for (const listen of ['0.0.0.0:0', '[::]:0', 'some-host:0']) {
    await assert.rejects(
      coordinatorOf(t, whole, { listen }),
      input(
        /^listen address \S+ can be reached from other machines: give --tls-cert, --tls-key and --tls-ca, or --insecure to serve anyone$/,
      ),
    );
  }
  for (const listen of ['localhost:0', '127.1.2.3:0']) await coordinatorOf(t, whole, { listen });
  const { handle } = await coordinatorOf(t, whole, { listen: '0.0.0.0:0', access: { insecure: true } });
  const port = Number(handle.address.split(':')[1]);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  assert.equal((socket.address() as AddressInfo).address, '127.0.0.1');
  socket.destroy();
});
