import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Domain,
  MAX_SEED,
  philox,
  philox4x32,
  uniform53,
  WordSequence,
} from '../../../src/posterior/stream.js';

type Words = readonly [number, number, number, number];

const hex = (words: Iterable<number>): string =>
  Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ');

describe('Philox4x32-10', () => {
  /** Known answers of the Random123 distribution: counter, key, result. */
  const KNOWN: readonly (readonly [Words, readonly [number, number], string])[] = [
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ];

  for (const [counter, key, answer] of KNOWN) {
    it(`gives the known answer ${answer}`, () => {
      const out = new Uint32Array(4);
      philox4x32(...key, ...counter, out);
      assert.equal(hex(out), answer);
    });
  }

  it('takes a seed of 53 bits as low and high key word, the counter as (index, sweep, chain, domain)', () => {
    const out = new Uint32Array(4);
    const expected = new Uint32Array(4);
    for (const seed of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, MAX_SEED]) {
      philox(seed, 7, 8, 9, 3, out);
      const wide = BigInt(seed);
      philox4x32(Number(wide & 0xffffffffn), Number(wide >> 32n), 7, 8, 9, 3, expected);
      assert.deepEqual(out, expected);
    }
  });
});

describe('uniform53', () => {
  it('is the high 27 and 26 bits of the first two words', () => {
    const out = new Uint32Array(4);
    for (let index = 0; index < 200; index++) {
      philox(99, index, 4, 2, Domain.accept, out);
      const expected = ((BigInt(out[0]!) >> 5n) << 26n) | (BigInt(out[1]!) >> 6n);
      assert.equal(BigInt(uniform53(99, index, 4, 2, Domain.accept)), expected);
    }
  });

  it('differs with seed, index, sweep, chain and domain', () => {
    const numbers = new Set<number>();
    for (let axis = 0; axis < 5; axis++) {
      for (let value = 1; value <= 20; value++) {
        const at = [0, 0, 0, 0, 0];
        at[axis] = value;
        numbers.add(uniform53(at[0]!, at[1]!, at[2]!, at[3]!, at[4]!));
      }
    }
    assert.equal(numbers.size, 100);
  });

  it('is spread evenly: sixteen equal cells, chi-squared', () => {
    const cells = new Int32Array(16);
    const count = 64_000;
    for (let i = 0; i < count; i++) cells[Math.floor(uniform53(5, i % 1000, i >> 10, i % 7, 1) / 2 ** 49)]!++;
    const expected = count / 16;
    const chi = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // Mean 15, standard deviation 5.5.
    assert.ok(chi > 3 && chi < 43, `chi-squared ${chi}`);
  });
});

describe('WordSequence', () => {
  it('reads the words of blocks 0, 1, 2 … of its sweep and domain', () => {
    const words = new WordSequence(17, 6, Domain.order);
    const block = new Uint32Array(4);
    for (let index = 0; index < 5; index++) {
      philox(17, index, 6, 0, Domain.order, block);
      for (const word of block) assert.equal(words.word(), word);
    }
  });

  it('shuffles into every order equally often: 4 items, chi-squared', () => {
    const seen = new Map<string, number>();
    const count = 12_000;
    for (let sweep = 0; sweep < count; sweep++) {
      const items = Int32Array.of(0, 1, 2, 3);
      new WordSequence(3, sweep, Domain.order).shuffle(items);
      seen.set(items.join(), (seen.get(items.join()) ?? 0) + 1);
    }
    assert.equal(seen.size, 24);
    const expected = count / 24;
    const chi = [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // Mean 23, standard deviation 6.8.
    assert.ok(chi < 57, `chi-squared ${chi}`);
  });

  it('below(n) keeps to 0 .. n - 1 and reaches all of it', () => {
    const words = new WordSequence(4, 0, Domain.order);
    const seen = new Set(Array.from({ length: 500 }, () => words.below(11)));
    assert.deepEqual(
      [...seen].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });
});
