import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { coordinatorOrLeave } from '../../../src/worker/first-answer.js';

/** A client whose coordinator answers when it is told to. */
class FakeClient extends Client {
  answer: (error?: Error) => void = () => undefined;

  constructor() {
    super('127.0.0.1:1', credentials.createInsecure());
  }

  override waitForReady(_deadline: Date, callback: (error?: Error) => void): void {
    this.answer = callback;
  }
}

test('a worker waits for a coordinator or its own end, and leaves no listener behind', async () => {
  const leave = new AbortController();
  const client = new FakeClient();
  const wait = (): Promise<boolean> => coordinatorOrLeave(client, 'here', 1000, leave.signal);

  const answered = wait();
  client.answer();
  assert.equal(await answered, true);
  assert.equal(getEventListeners(leave.signal, 'abort').length, 0);

  const refused = wait();
  client.answer(new Error('nobody there'));
  await assert.rejects(refused, /no coordinator answers at here/);
  assert.equal(getEventListeners(leave.signal, 'abort').length, 0);

  const left = wait();
  leave.abort();
  assert.equal(await left, false);
  assert.equal(await wait(), false);
  client.close();
});
