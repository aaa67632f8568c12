/** Tests that need native TensorFlow: left out with one line that says why, or failed where CI must have it. */
import { test } from 'node:test';
import { loadTensorFlow, type TensorFlow } from '../../src/kernel/tfjs/load.js';

const { tf, why } = loadTensorFlow();
const required = !['', '0', 'false', undefined].includes(process.env['CI']);
if (!tf) console.log(`left out: tfjs kernel (${why})`);

/** A test that is given native TensorFlow. */
export function testNative(name: string, body: (tf: TensorFlow) => void | Promise<void>): void {
  if (tf) test(name, () => body(tf));
  else if (required) test(name, () => Promise.reject(new Error(`left out: tfjs kernel (${why})`)));
  else test(name, { skip: `left out: tfjs kernel (${why})` });
}
