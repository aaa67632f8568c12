import assert from 'node:assert/strict';
import test from 'node:test';
import { WireError } from '../../../src/wire/check.js';
import { encodeChecked } from '../../../src/wire/checksum.js';
import { v1 } from '../../../src/wire/messages.js';
import { workerService } from '../../../src/wire/services.js';

const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } = workerService.join;

const partialsQ = Uint8Array.from({ length: 40 }, (_, i) => 7 * i);
const walked = { walked: { epoch: 3, round: 9, results: [{ chain: 1, window: { partialsQ } }] } };

test('a message keeps its content, and any reader of the protocol can read it', () => {
  const bytes = requestSerialize(walked);
  for (const message of [requestDeserialize(bytes), v1.JoinRequest.decode(bytes)]) {
    assert.deepEqual(Uint8Array.from(message.walked!.results![0]!.window!.partialsQ!), partialsQ);
  }
  assert.equal(responseDeserialize(responseSerialize({ heartbeat: {} })).heartbeat !== null, true);
});

test('one wrong bit anywhere is found', () => {
  const bytes = requestSerialize(walked);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = Buffer.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    assert.match(requestDeserialize(damaged).damaged!, /^a message came with/, `bit ${bit}`);
    assert.throws(() => responseDeserialize(damaged), WireError, `bit ${bit}`);
  }
});

test('a message that is cut off or has no checksum is found', () => {
  const bytes = requestSerialize(walked);
  for (const length of [0, 3, bytes.length - 5, bytes.length - 1]) {
    assert.throws(() => responseDeserialize(bytes.subarray(0, length)), WireError, `${length} bytes`);
  }
});

test('messages of any length that follow one another share nothing', () => {
  const lengths = [40, 100_000, 4, 40];
  const all = lengths.map((length) => {
    const partialsQ = new Uint8Array(length).fill(length & 255);
    return requestSerialize({ walked: { results: [{ window: { partialsQ } }] } });
  });
  all.forEach((bytes, i) => {
    const { partialsQ } = requestDeserialize(bytes).walked!.results![0]!.window!;
    assert.deepEqual(Uint8Array.from(partialsQ!), new Uint8Array(lengths[i]!).fill(lengths[i]! & 255));
  });
});

test('a message that fails in the middle leaves nothing to the next one', () => {
  const expected = requestSerialize(walked);
  const failing: Parameters<typeof encodeChecked<undefined>>[0] = {
    encode: (_, writer) => {
      writer!.uint32(10).fork().uint32(7);
      throw new Error('no more');
    },
    decode: () => undefined,
  };
  assert.throws(() => encodeChecked(failing, undefined), /no more/);
  assert.deepEqual(requestSerialize(walked), expected);
});
