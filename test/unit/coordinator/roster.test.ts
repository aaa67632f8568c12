import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Roster } from '../../../src/coordinator/roster.js';

const HELLO = {
  ...{ protocolVersion: 1, streamVersion: 1, packageVersion: '0', name: 'host/1' },
  ...{ threads: 2, memoryBytes: 2 ** 30, kernel: 'wasm' as const },
};

test('departures are told apart, and each is counted once', () => {
  const roster = new Roster();
  for (const worker of [1, 2, 3]) roster.join(worker, HELLO);
  roster.leaving(1);
  roster.remove(1);
  roster.remove(2);
  roster.remove(3, true);
  // The end of a dropped worker's stream.
  roster.remove(3);
  assert.equal(roster.joins, 3);
  assert.deepEqual(roster.departures, { left: 1, lost: 1, dropped: 1 });
});
