import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrainCommand } from '../../../src/coordinator/brain/messages.js';
import { Harness, ONE_SHARD, PLENTY } from './harness.js';

/** Numbers of the chains attached to each worker, in order. */
function attachments(said: readonly BrainCommand[]): Record<number, number[]> {
  const chains: Record<number, number[]> = {};
  for (const command of said) {
    if (command.type === 'attach') (chains[command.worker] ??= []).push(command.chains[0]!.chain);
  }
  return chains;
}

test('chains beyond the threads stay attached and take turns', () => {
  const it = new Harness({ chains: 4, shards: 1, draws: 12 });
  it.join(0);
  it.join(1);
  it.run();
  const attached = attachments(it.said);
  assert.deepEqual([attached[0]!.length, attached[1]!.length], [2, 2]);
  const order = it.draws.filter(({ draw }) => draw % 2 === 1).map(({ draw }) => draw);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    'no chain runs ahead',
  );
});

test('without room for more slots the chain that is ahead makes place', () => {
  const it = new Harness({ chains: 9, shards: 1, draws: 4 });
  it.join(0, ONE_SHARD);
  it.run();
  assert.equal(it.draws.length, 36);
  const attached = new Set<number>();
  for (const command of it.said) {
    if (command.type === 'attach') attached.add(command.chains[0]!.chain);
    if (command.type === 'detach') command.chains.forEach((chain) => attached.delete(chain));
    assert(attached.size <= 5, 'five slots have room');
  }
});

test('a worker with nothing to do takes a chain over', () => {
  const it = new Harness({ chains: 2, shards: 1, draws: 20 });
  it.join(0);
  it.run(({ type }) => type === 'draw');
  it.join(1);
  it.run();
  const attached = attachments(it.said);
  assert.deepEqual(attached[0], [0, 1]);
  assert.equal(attached[1]!.length, 1, 'once, for there is no reason to give it back');
});

test('an odd chain is taken over now and then, so that all keep one pace', () => {
  const it = new Harness({ chains: 3, shards: 1, draws: 60 });
  it.join(0, PLENTY);
  it.join(1, PLENTY);
  const done = [0, 0, 0];
  let spread = 0;
  it.run((command) => {
    if (command.type === 'draw') done[command.chain] = command.draw + 1;
    if (Math.max(...done) < 60) spread = Math.max(spread, Math.max(...done) - Math.min(...done));
    return false;
  });
  assert(spread <= 14, `${spread} draws apart`);
});
