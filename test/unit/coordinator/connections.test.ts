import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'node:test';
import { Connections, connectionKey } from '../../../src/coordinator/access/connections.js';
import { DEFAULT_LIMITS } from '../../../src/coordinator/access/limits.js';

/** A socket that says where it comes from, and is not connected. */
function socketOf(remotePort: number): Socket {
  return Object.defineProperties(new Socket(), {
    remoteAddress: { value: '127.0.0.1' },
    remotePort: { value: remotePort },
  });
}

test('the end of connections that have made a call is waited for, others are broken at once', async (t) => {
  const connections = new Connections(DEFAULT_LIMITS);
  t.after(() => connections.close());
  const [called, silent] = [socketOf(1), socketOf(2)];
  for (const socket of [called, silent]) assert.equal(connections.admit(socket), undefined);
  connections.greeted(connectionKey(called));
  let isOver = false;
  const ended = connections.ended().then(() => (isOver = true));
  await turn();
  assert.deepEqual([called.destroyed, silent.destroyed, isOver], [false, true, false]);
  called.destroy();
  await ended;
  assert.equal(connections.size, 0);
});

test('without connections nothing is waited for', async () => {
  const connections = new Connections(DEFAULT_LIMITS);
  await connections.ended();
  connections.close();
});
