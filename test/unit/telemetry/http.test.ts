/** What the port of the metrics bears from whoever reaches it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Registry } from 'prom-client';
import { startTelemetry, type TelemetryServer } from '../../../src/telemetry/http.js';

async function served(
  t: TestContext,
  limits: { connections?: number; requestMs?: number },
): Promise<TelemetryServer> {
  const options = { registry: new Registry(), notReady: () => undefined, limits };
  const server = await startTelemetry({ address: '127.0.0.1:0', ...options });
  t.after(() => server.close());
  return server;
}

function peer(t: TestContext, { address }: TelemetryServer): Socket {
  const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return socket.resume();
}

test(
  'a connection that says nothing, or half of what it wants, is closed',
  { timeout: 20_000 },
  async (t) => {
    const server = await served(t, { requestMs: 200 });
    const silent = peer(t, server);
    const slow = peer(t, server);
    slow.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
    await Promise.all([once(silent, 'close'), once(slow, 'close')]);
  },
);

test('connections beyond the limit are dropped, the others are answered', { timeout: 20_000 }, async (t) => {
  const server = await served(t, { connections: 3 });
  const kept = [peer(t, server), peer(t, server), peer(t, server)];
  await Promise.all(kept.map((socket) => once(socket, 'connect')));
  await once(peer(t, server), 'close');
  kept[0]!.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(String((await once(kept[0]!, 'data'))[0]), /^HTTP\/1\.1 200 OK/);
});

test('headers beyond 8 KiB and other methods are refused', { timeout: 20_000 }, async (t) => {
  const url = `http://${(await served(t, {})).address}/metrics`;
  assert.equal((await fetch(url, { headers: { long: 'x'.repeat(9000) } })).status, 431);
  assert.equal((await fetch(url, { method: 'POST', body: 'x' })).status, 405);
});
