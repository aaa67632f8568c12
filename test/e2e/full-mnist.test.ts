/** All 60,000 images: the draws of one worker alone and of two workers that share each chain are the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { scratchFolder, succeed } from './support/cli.js';

const GOLDEN = new URL('../../../test/golden/digests.json', import.meta.url);
const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Record<string, string>;

const folder = scratchFolder('full');
after(() => folder.remove());

const sampling = ['--chains', '2', '--warmup', '20', '--draws', '2', '--seed', '60000'];

for (const shards of [1, 2]) {
  test(`full mnist with ${shards} shards gives the committed digest`, async () => {
    const layout = ['--shards', `${shards}`, '--workers', '2', '--kernel', 'wasm'];
    const out = folder.join(`s${shards}`);
    const summary = await succeed(['run', 'mnist', ...sampling, ...layout, '--out', out], { seconds: 170 });
    assert.match(summary, shards === 1 ? /rounds 0; wrong guesses 0 of flips/ : /rounds [1-9]/);
    assert.equal((await succeed(['digest', out])).trim(), golden['mnist, 60,000 images']);
  });
}

test('the defaults: every chain gets to a log-likelihood above -19,500, together they predict 90 % of the test set', async () => {
  const summary = await succeed(['run', 'mnist', '--out', folder.join('defaults')], { seconds: 400 });
  const chains = [...summary.matchAll(/^\d+ +20 +(?:\S+ +){3}(-[\d,.]+) .* (\d\d\.\d\d) %$/gm)];
  assert.equal(chains.length, 4);
  for (const [, logLik] of chains)
    assert.ok(Number(logLik!.replace(',', '')) > -19_500, `log-likelihood ${logLik}`);
  const [, accuracy] = /^all +(\d\d\.\d\d) %$/m.exec(summary)!;
  assert.ok(Number(accuracy) >= 90, `accuracy ${accuracy} %`);
  assert.match(summary, /^layout: {2}rounds [1-9][\d,]*; wrong guesses [1-9][\d,]* of flips, [1-9]/m);
});
