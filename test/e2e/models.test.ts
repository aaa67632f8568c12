/** Model files, priors, and the models of examples/: each from one line. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NAT_Q } from '../../src/posterior/grid.js';
import { openRun } from '../../src/store/read-run.js';
import { cli, scratchFolder, succeed } from './support/cli.js';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
const scratch = scratchFolder('models');
after(() => scratch.remove());
let runs = 0;

/** Digest of a short serial run. */
async function digestOf(...args: string[]): Promise<string> {
  const out = scratch.join(`run-${runs++}`);
  await succeed(['serial', ...args, '--out', out], { seconds: 120 });
  return succeed(['digest', out]);
}

function file(name: string, text: string): string {
  const path = scratch.join(name);
  writeFileSync(path, text);
  return path;
}

for (const example of readdirSync(EXAMPLES)) {
  test(`examples/${example} runs, and tells its test accuracy`, async () => {
    const short = ['--images', '400', '--warmup', '20', '--draws', '5', '--chains', '2'];
    const out = scratch.join(example);
    const text = await succeed(['serial', `${EXAMPLES}${example}`, ...short, '--out', out], { seconds: 120 });
    assert.match(text, /^test: {4}predictive averaged over 10 draws: accuracy \d\d\.\d\d %/m);
    const { settings } = (await openRun(out)).manifest;
    assert.deepEqual([settings.images, settings.chains, settings.warmupBetasQ.length], [400, 2, 20]);
    assert.equal(settings.pinned, example === 'toy-one-column.yaml');
  });
}

test('the toy on all rows ends in two modes, and the summary says that its chains have not mixed', async () => {
  const out = scratch.join('two-modes');
  await succeed(['serial', `${EXAMPLES}toy.yaml`, '--draws', '200', '--out', out], { seconds: 240 });
  const reader = await openRun(out);
  const { chains } = reader.manifest.settings;
  const means = new Float64Array(chains);
  for await (const { chain, logLikQ } of reader.read(0, reader.horizon)) {
    means[chain]! += logLikQ / NAT_Q / reader.horizon;
  }
  const upper = [...means].filter((mean) => Math.abs(mean + 3233.2) < 0.6).length;
  const lower = [...means].filter((mean) => Math.abs(mean + 3236.0) < 0.6).length;
  assert.ok(upper > 0 && lower > 0 && upper + lower === chains, [...means].join(' '));
  assert.match(await succeed(['summary', out]), /^warning: R-hat of lp is .*: the chains have not mixed$/m);
});

const BASE = ['--images', '200', '--warmup', '10', '--chains', '2'];

test('a model file in YAML or JSON says what flags say; flags and variables override it', async () => {
  const flags = ['mnist56', ...BASE, '--draws', '6', '--pi', '0.3', '--pinned', '--thin', '2'];
  const wanted = await digestOf(...flags);
  const entries = {
    data: 'mnist56',
    images: 200,
    warmup: 10,
    chains: 2,
    draws: 6,
    pi: 0.3,
    pinned: true,
    thin: 2,
  };
  const json = file('model.json', JSON.stringify(entries));
  const yaml = file(
    'model.yaml',
    Object.entries({ ...entries, draws: 9 })
      .map((pair) => pair.join(': '))
      .join('\n'),
  );
  assert.equal(await digestOf(json), wanted);
  assert.equal(await digestOf(yaml, '--draws', '6'), wanted);
  const out = scratch.join('by-variable');
  await succeed(['serial', yaml, '--out', out], { env: { BITGIBBS_DRAWS: '6' } });
  assert.equal(await succeed(['digest', out]), wanted);
  const distributed = scratch.join('distributed');
  await succeed(['run', json, '--kernel', 'wasm', '--out', distributed]);
  assert.equal(await succeed(['digest', distributed]), wanted);
});

test('priors: equal ones a class or a weight are the one; others are other models', async () => {
  const with_ = (...pi: string[]): Promise<string> => digestOf('mnist56', ...BASE, '--draws', '5', ...pi);
  const one = await with_('--pi', '0.3');
  assert.equal(await with_('--pi', '0.3,0.3'), one);
  const weights = file('pi.csv', `a,b\n${'0.3,0.3\n'.repeat(25)}`);
  assert.equal(await with_('--pi', weights), one);
  assert.notEqual(await with_('--pi', '0.3,0.6'), one);
  const model = file('relative.yaml', 'data: mnist56\npi: pi.csv\ngrid: 5x5\n');
  const { code, stderr } = await cli(['serial', model, ...BASE]);
  assert.deepEqual(
    [code, stderr.trim()],
    [2, 'bitgibbs: grid: the features of mnist56 have their grid, leave the grid away'],
  );
  assert.equal(await digestOf(file('r2.yaml', 'data: mnist56\npi: pi.csv\n'), ...BASE, '--draws', '5'), one);
});

const refusals: [string, string, RegExp][] = [
  [
    'an unknown key',
    'data: mnist56\nchians: 4\n',
    /^bitgibbs: \S+: "chians" is no key; known are data, features, .*chains/,
  ],
  [
    'a value that its flag refuses',
    'data: mnist56\nchains: 0\n',
    /: chains is "0"\. It must be a whole number, from 1 to 10000\.$/,
  ],
  ['a switch that is none', 'data: mnist56\npinned: 1\n', /: pinned must be true or false, got "1"$/],
  [
    'a map where a value belongs',
    'data: mnist56\npi: {a: 1}\n',
    /: "pi" must be a number, a text, true, false, or a list of those$/,
  ],
  ['no map', '- 1\n', /: must hold keys and values, as data: mnist$/],
  ['an empty file', '', /: must hold keys and values, as data: mnist$/],
  ['what is no YAML', 'data: [1\n', /model.*yaml: .*line 2/],
  ['no data', 'chains: 2\n', /^bitgibbs: no data set: known are/],
  [
    'a prior of 1',
    'data: mnist56\npi: [0.5, 1]\n',
    /: pi is "0\.5,1"\. It must be a number above 0 and below 1\.$/,
  ],
  [
    'priors of another number',
    'data: mnist56\npi: [0.5, 0.5, 0.5]\n',
    /prior pi must be one number, 2 \(one a class\) or 50 \(one a weight\), got 3$/,
  ],
  ['the folder of the output', 'data: mnist56\nout: runs/x\n', /"out" is no key/],
];
for (const [i, [what, text, message]] of refusals.entries()) {
  test(`a model file with ${what} is refused in one line`, async () => {
    const model = file(`model-${i}.yaml`, text);
    const { code, stderr, stdout } = await cli(['serial', model, '--out', scratch.join('none')]);
    assert.equal(code, 2);
    assert.match(stderr.trim(), message);
    assert.doesNotMatch(stderr.trim(), /\n/);
    assert.equal(stdout, '');
  });
}
