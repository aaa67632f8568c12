import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrawCommand } from '../../../src/coordinator/brain/messages.js';
import { Watch } from '../../../src/coordinator/watch.js';
import { noCounts } from '../../../src/sampler/moves.js';

const draw = (chain: number): DrawCommand => ({
  ...{ type: 'draw', chain, draw: 0, sweep: 0, w: new Uint8Array(1), logLikQ: 0, counts: noCounts() },
});

test('the chain that waits longest is found among those that have work', () => {
  let now = 100;
  const watch = new Watch({ chains: 3 }, () => now);
  const all = () => true;
  assert.deepEqual([watch.lastDrawAt, watch.longestWaiting(all)], [undefined, 100]);
  now = 110;
  watch.audited(draw(0), -1);
  now = 120;
  watch.audited({ ...draw(1), type: 'checkpoint' }, -1);
  assert.deepEqual([watch.lastDrawAt, watch.longestWaiting(all)], [110, 100]);
  assert.equal(
    watch.longestWaiting((chain) => chain !== 2),
    110,
  );
  assert.equal(
    watch.longestWaiting(() => false),
    undefined,
  );
});
