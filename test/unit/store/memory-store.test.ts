import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { DrawDigest, digestOf } from '../../../src/store/digest.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import { allDraws, drawAt, expectedDraws, shapeOf, stateAt, toySpec } from './toy-run.js';

const SPEC = toySpec({ plan: { chains: 2 } });

describe('the store in memory', () => {
  it('shows what a flush has covered, as far as all chains are', async () => {
    const store = new MemoryStore(2, 36);
    const draw = drawAt(SPEC, 0, 0);
    store.append(draw);
    store.append(drawAt(SPEC, 1, 0));
    store.append(drawAt(SPEC, 0, 1));
    assert.equal(store.horizon, 0);
    assert.equal(await store.flush(), 1);
    draw.w.fill(0);
    assert.deepEqual(await allDraws(store), expectedDraws(SPEC, 0, 1), 'it keeps a copy');
    assert.throws(() => store.append(drawAt(SPEC, 1, 2)), /chain 1: draw 2 was appended, 1 comes next/);
  });

  it('has after a crash what was flushed before it', async () => {
    const store = new MemoryStore(2, 36);
    store.append(drawAt(SPEC, 0, 0));
    store.checkpoint(stateAt(SPEC, 1, 3));
    await store.flush();
    store.append(drawAt(SPEC, 0, 1));
    store.checkpoint(stateAt(SPEC, 1, 4));
    const found = store.afterCrash();
    assert.deepEqual([...found.resume].toSorted(), [
      [0, stateAt(SPEC, 0, 5)],
      [1, stateAt(SPEC, 1, 3)],
    ]);
    found.append(drawAt(SPEC, 0, 1));
    await found.close('stopped');
    assert.equal(found.outcome, 'stopped');
  });
});

describe('the digest', () => {
  it('is what its definition says', async () => {
    const spec = toySpec({ model: { features: 3, classes: 2 }, plan: { chains: 2 } });
    const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const draws = [0, 1].map((chain) => ({
      chain,
      draw: 0,
      w: Uint8Array.of(1, 0, 0, 1, 1, 0),
      logLikQ: -1 - chain,
    }));
    const digest = new DrawDigest(shapeOf(spec));
    for (const draw of draws) digest.add(draw);
    const record = (chain: number, low: number) =>
      Buffer.from([chain, 0, 0, 0, 0, 0, 0, 0, 0b011001, low, 255, 255, 255, 255, 255, 255, 255]);
    const header = Buffer.from('bitgibbs draws 1\n\x03\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\0\0', 'latin1');
    assert.equal(digest.hex(), sha(header, sha(record(0, 255)), sha(record(1, 254))).toString('hex'));
  });

  it('does not depend on how chains come in turns', async () => {
    const store = new MemoryStore(2, 36);
    const digest = new DrawDigest(shapeOf(SPEC));
    for (let chain = 0; chain < 2; chain++) {
      for (let draw = 0; draw < 5; draw++) {
        store.append(drawAt(SPEC, chain, draw));
        digest.add(drawAt(SPEC, chain, draw));
      }
    }
    await store.flush();
    assert.equal(await digestOf(store, shapeOf(SPEC)), digest.hex());
    assert.notEqual(await digestOf(store, shapeOf(SPEC), 4), digest.hex());
  });

  it('changes with every bit, the log-likelihood and the shape', () => {
    const { chain, draw, w, logLikQ } = drawAt(SPEC, 0, 0);
    const alone = { ...shapeOf(SPEC), chains: 1 };
    const of = (bits: Uint8Array, value: number, shape = alone): string => {
      const digest = new DrawDigest(shape);
      digest.add({ chain, draw, w: bits, logLikQ: value });
      return digest.hex();
    };
    const digests = Array.from(w, (_, i) => of(w.with(i, 1 - w[i]!), logLikQ));
    digests.push(of(w, logLikQ), of(w, logLikQ + 1), of(w, logLikQ, { ...alone, features: 18, classes: 2 }));
    assert.equal(new Set(digests).size, digests.length);
  });

  it('refuses draws out of order and chains of different length', () => {
    const digest = new DrawDigest(shapeOf(SPEC));
    assert.throws(() => digest.add(drawAt(SPEC, 0, 1)), /chain 0: draw 1 came, 0 comes next/);
    digest.add(drawAt(SPEC, 0, 0));
    assert.throws(() => digest.hex(), /chain 0 has 1 draws, chain 1 has 0/);
  });
});
