import assert from 'node:assert/strict';
import test from 'node:test';
import { SlotQueue } from '../../../src/worker/slot-queue.js';

/** Tasks that end when they are told to, with a log of what happened. */
function stage() {
  const log: string[] = [];
  const ends = new Map<string, (fail?: Error) => void>();
  const task = (name: string) => (): Promise<string> => {
    log.push(`begin ${name}`);
    return new Promise((resolve, reject) => {
      ends.set(name, (fail) => {
        log.push(`end ${name}`);
        if (fail) reject(fail);
        else resolve(name);
      });
    });
  };
  const end = async (name: string, fail?: Error): Promise<void> => {
    ends.get(name)!(fail);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, task, end };
}

test('tasks of a slot follow one another, others go on', async () => {
  const { log, task, end } = stage();
  const queue = new SlotQueue();
  const results = [
    queue.run([1, 2], task('a')),
    queue.run([2, 3], task('b')),
    queue.run([4], task('c')),
    queue.run([3], task('d')),
  ];
  assert.deepEqual(log, ['begin a', 'begin c']);
  await end('c');
  await end('a');
  assert.deepEqual(log, ['begin a', 'begin c', 'end c', 'end a', 'begin b']);
  await end('b');
  assert.deepEqual(log.slice(5), ['end b', 'begin d']);
  await end('d');
  assert.deepEqual(await Promise.all(results), ['a', 'b', 'c', 'd']);
});

test("a failed task is its caller's error only; the next one of the slot runs", async () => {
  const { log, task, end } = stage();
  const queue = new SlotQueue();
  const first = queue.run([1], task('a'));
  const second = queue.run([1], task('b'));
  const thrown = queue.run([2], () => {
    throw new Error('at once');
  });
  await Promise.all([
    assert.rejects(first, /broken/),
    assert.rejects(thrown, /at once/),
    end('a', new Error('broken')),
  ]);
  assert.deepEqual(log, ['begin a', 'end a', 'begin b']);
  await end('b');
  assert.equal(await second, 'b');
});

test('idle waits for everything given so far', async () => {
  const { task, end } = stage();
  const queue = new SlotQueue();
  await queue.idle();
  const running = queue.run([1], task('a'));
  let idle = false;
  const waiting = queue.idle().then(() => (idle = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(idle, false);
  await end('a');
  await Promise.all([running, waiting]);
  assert.equal(idle, true);
});
