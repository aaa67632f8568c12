import assert from 'node:assert/strict';
import { NativeOps } from '../../../src/kernel/tfjs/ops.js';
import { uniforms } from '../../support/tiny-models.js';
import { testNative } from '../../support/native.js';

function integers(length: number, below: number, seed: number): Float32Array {
  const next = uniforms(seed);
  return Float32Array.from({ length }, () => Math.floor(next() * below));
}

/** a b of shapes [m, n] and [n, p], in whole numbers. */
function productByHand(a: Float32Array, b: Float32Array, m: number, n: number, p: number): number[] {
  return Array.from({ length: m * p }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += a[Math.floor(at / p) * n + i]! * b[i * p + (at % p)]!;
    return sum;
  });
}

function transposed(a: Float32Array, rows: number, columns: number): Float32Array {
  return a.map((_, at) => a[(at % rows) * columns + Math.floor(at / rows)]!);
}

testNative('products and sums of integers below 2^24 are exact', (tf) => {
  const ops = new NativeOps(tf);
  const [m, n, p] = [7, 4000, 11];
  const a = integers(m * n, 2, 1);
  const b = integers(n * p, 4097, 2);
  const [x, y, xt] = [ops.matrix(a, m, n), ops.matrix(b, n, p), ops.matrix(transposed(a, m, n), n, m)];
  const byHand = productByHand(a, b, m, n, p);
  assert.deepEqual(Array.from(ops.take(ops.product(x, y))), byHand);
  assert.deepEqual(Array.from(ops.take(ops.productOfTransposed(xt, y))), byHand);
  const terms = [ops.product(x, y), ops.product(x, y), ops.product(x, y)];
  assert.deepEqual(
    Array.from(ops.take(ops.sum(terms))),
    byHand.map((value) => 3 * value),
  );
  for (const matrix of [x, y, xt, ...terms]) ops.free(matrix);
});

testNative('the largest sum of a tile is exact in every order: 4,095 entries of 4,096', (tf) => {
  const ops = new NativeOps(tf);
  const [n, p] = [4095, 40];
  const x = ops.matrix(new Float32Array(n).fill(1), n, 1);
  const y = ops.matrix(new Float32Array(n * p).fill(4096), n, p);
  assert.deepEqual(Array.from(ops.take(ops.productOfTransposed(x, y))), Array(p).fill(4095 * 4096));
  ops.free(x);
  ops.free(y);
});

testNative('thousands of products leave nothing behind', (tf) => {
  const ops = new NativeOps(tf);
  const before = ops.held;
  for (let i = 0; i < 3000; i++) {
    const x = ops.matrix(integers(64, 9, i), 8, 8);
    ops.take(ops.product(x, x));
    ops.free(x);
  }
  assert.equal(ops.held, before);
});

testNative('what cannot be multiplied is an error, and a freed matrix is gone', (tf) => {
  const ops = new NativeOps(tf);
  const before = ops.held;
  const [x, y] = [ops.matrix(new Float32Array(6), 2, 3), ops.matrix(new Float32Array(8), 2, 4)];
  assert.throws(() => ops.product(x, y), /In\[0\]|size|dimension/i);
  ops.free(x);
  ops.free(y);
  assert.equal(ops.held, before);
  assert.throws(() => ops.free(x), /not referenced/);
});
