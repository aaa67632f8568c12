import assert from 'node:assert/strict';
import { it } from 'node:test';
import { packWeights } from '../../../src/posterior/weights.js';
import { drawRecord, drawRecordBytes, packedDrawRecord } from '../../../src/sampler/draw-record.js';

it('the record of a draw is chain, draw, packed weights and log-likelihood, little-endian', () => {
  const w = Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1);
  const draw = { chain: 0x01020304, draw: 0xfffefdfc, w, logLikQ: -(2 ** 40) - 2 };
  const expected = [
    ...[4, 3, 2, 1],
    ...[0xfc, 0xfd, 0xfe, 0xff],
    ...[0b101, 0b110],
    ...[0xfe, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff],
  ];
  assert.deepEqual([...drawRecord(draw)], expected);
  assert.deepEqual([...packedDrawRecord({ ...draw, packed: packWeights(w) })], expected);
  assert.equal(drawRecordBytes(w.length), expected.length);
});
