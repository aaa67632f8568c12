import assert from 'node:assert/strict';
import test from 'node:test';
import { InputError } from '../../../src/posterior/model.js';
import { formatAddress, listenError, parseAddress } from '../../../src/wire/address.js';

test('addresses are read and written', () => {
  for (const [text, host, port] of [
    ['127.0.0.1:7070', '127.0.0.1', 7070],
    ['node-3.cluster.local:1', 'node-3.cluster.local', 1],
    ['[::1]:65535', '::1', 65535],
    ['localhost:0', 'localhost', 0],
  ] as const) {
    assert.deepEqual(parseAddress(text, 'listen address'), { host, port });
    assert.equal(formatAddress({ host, port }), text);
  }
});

for (const text of [
  '',
  'localhost',
  ':7070',
  'localhost:',
  'localhost:65536',
  '::1:80',
  'http://host:80',
  'a b:1',
  'a:1x',
]) {
  test(`'${text}' is no address`, () => {
    assert.throws(
      () => parseAddress(text, 'listen address'),
      (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /^listen address must be host:port .*, got '/);
        return true;
      },
    );
  });
}

test('errors of listening are told in words', () => {
  const told = (message: string): string | undefined =>
    listenError(new Error(message), 'h:1', 'listen address')?.message;
  assert.equal(
    told('listen EADDRINUSE: address already in use'),
    'listen address h:1 is in use by another program',
  );
  assert.equal(told('bind EACCES h:1'), 'listen address h:1 needs rights that this process lacks');
  assert.equal(told('getaddrinfo ENOTFOUND h'), 'listen address h:1 names no address of this machine');
  assert.equal(told('EMFILE'), undefined);
});
