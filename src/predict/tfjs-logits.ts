/** Logits of a test set as one dense product of native TensorFlow. Sums are below 2^24, so float32 is exact. */
import type { TensorFlow } from '../kernel/tfjs/load.js';
import { isLit, type Rows } from '../posterior/rows.js';
import type { LogitSource } from './logits.js';

export function tfjsLogits(tf: TensorFlow, rows: Rows, classes: number): LogitSource {
  const { count, features } = rows;
  const dense = new Float32Array(count * features);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < features; j++) if (isLit(rows, n, j)) dense[n * features + j] = 1;
  }
  const x = tf.tensor2d(dense, [count, features]);
  return {
    name: 'tfjs',
    logits(w) {
      return tf.tidy(() => tf.matMul(x, tf.tensor2d(Float32Array.from(w), [features, classes])).dataSync());
    },
  };
}
