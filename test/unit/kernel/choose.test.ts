/** Which kernel is taken, and what is said about it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { chooseKernel } from '../../../src/kernel/choose.js';
import { packRows } from '../../../src/posterior/rows.js';
import { testNative } from '../../support/native.js';
import { ruleOf, tinyModel, uniforms } from '../../support/tiny-models.js';

const { model, rows: few } = tinyModel({ features: 6, classes: 3, rows: 20, seed: 1 });
const rule = ruleOf(model, 1);

function manyRows(): typeof few {
  const next = uniforms(2);
  const labels = Array.from({ length: 12_000 }, () => Math.floor(3 * next()));
  const dense = Array.from({ length: 6 * labels.length }, () => Number(next() < 0.5));
  return packRows(dense, 6, labels);
}

/** What a process without native TensorFlow chooses. */
async function withoutTensorFlow(choice: string, rows: number): Promise<unknown> {
  const src = new URL('../../../src/', import.meta.url);
  const script = `
    import { chooseKernel } from '${new URL('kernel/choose.js', src).href}';
    const rows = { count: ${rows} };
    chooseKernel('${choice}', { rows, chains: 2 }).then(
      (chosen) => console.log(JSON.stringify(chosen)),
      ({ name, message }) => console.log(JSON.stringify({ name, message })),
    );`;
  const env = { ...process.env, BITGIBBS_NO_TFJS: '1' };
  const args = ['--input-type=module', '-e', script];
  return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout);
}

test('wasm is taken when it is asked for, and untried for few rows', async () => {
  const workload = { rule, rows: few, chains: 2 };
  assert.deepEqual(await chooseKernel('wasm', workload), { kernel: 'wasm', reason: 'asked for' });
  const reason = 'the faster one for as few as 20 rows';
  assert.deepEqual(await chooseKernel('auto', workload), { kernel: 'wasm', reason });
});

test('without native TensorFlow auto warns once and tfjs is refused', async () => {
  assert.deepEqual(await withoutTensorFlow('auto', 60_000), {
    kernel: 'wasm',
    reason: 'native TensorFlow is not available',
    warning: 'native TensorFlow is not available (BITGIBBS_NO_TFJS is set): kernel wasm does everything',
  });
  assert.deepEqual(await withoutTensorFlow('tfjs', 60_000), {
    name: 'InputError',
    message: "kernel tfjs can't run here (BITGIBBS_NO_TFJS is set): use wasm or auto",
  });
});

testNative('auto takes the one whose time is less and says both', async () => {
  const { kernel, reason, warning } = await chooseKernel('auto', { rule, rows: manyRows(), chains: 2 });
  const told = /^the faster one here: wasm ([\d.]+) ms, tfjs ([\d.]+) ms a chain and flip sweep$/.exec(
    reason,
  );
  assert.ok(told, reason);
  const [wasmMs, tfjsMs] = [Number(told[1]), Number(told[2])];
  assert.ok(kernel === 'tfjs' ? tfjsMs <= wasmMs : wasmMs <= tfjsMs, `${kernel}: ${reason}`);
  assert.equal(warning, undefined);
});

testNative('tfjs is taken when it is asked for', async () => {
  const workload = { rule, rows: few, chains: 2 };
  assert.deepEqual(await chooseKernel('tfjs', workload), { kernel: 'tfjs', reason: 'asked for' });
});
