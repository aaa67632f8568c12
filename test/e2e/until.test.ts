/** A stop rule on real runs: it ends them by itself, at a draw count that nothing but the draws decides. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openRun } from '../../src/store/read-run.js';
import { cli, scratchFolder, succeed } from './support/cli.js';

const RULE = ['--until', 'rhat=1.1,ess=60', '--max-draws', '2000'];
const digestIn = (text: string): string => /^digest: +([0-9a-f]{64})$/m.exec(text)![1]!;

describe('--until', () => {
  const scratch = scratchFolder('until');
  after(() => scratch.remove());

  test('stops a run on 3,000 images by itself, and its reason is in the store', async () => {
    const out = scratch.join('mnist');
    const data = ['mnist', '--images', '3000', '--chains', '4', '--warmup', '60', '--kernel', 'wasm'];
    const layout = ['--workers', '2', '--shards', '1'];
    const text = await succeed(['run', ...data, ...RULE, ...layout, '--out', out], { seconds: 300 });
    const reader = await openRun(out);
    assert.equal(await reader.status(), 'finished');
    assert.match(
      reader.reason ?? '',
      /^rhat=1\.1,ess=60 met at \d+ draws a chain: lp R-hat [01]\.\d+, effective size \d+; /,
    );
    assert.ok(reader.horizon < 2000 && reader.horizon % 10 === 0, `${reader.horizon} draws`);
    assert.ok(reader.reason!.includes(` ${reader.horizon} draws`));
    assert.ok(text.includes(`until:   ${reader.reason}`));
    assert.ok((await succeed(['summary', out])).includes(`ended:   ${reader.reason}`));
  });

  test('stops at the same draw however the run is laid out', async () => {
    const data = ['mnist56', '--images', '400', '--chains', '3', '--warmup', '20', '--kernel', 'wasm'];
    const spread = ['--workers', '2', '--shards', '2'];
    const spreadText = await succeed(['run', ...data, ...RULE, ...spread, '--out', scratch.join('spread')]);
    const serialText = await succeed(['serial', ...data, ...RULE, '--out', scratch.join('serial')]);
    assert.equal(digestIn(spreadText), digestIn(serialText));
    const reasons = await Promise.all(
      ['spread', 'serial'].map(async (name) => (await openRun(scratch.join(name))).reason),
    );
    assert.equal(reasons[0], reasons[1]);
    assert.match(reasons[0] ?? '', / met at /);
  });

  test('that is not met within --max-draws says so', async () => {
    const data = ['mnist56', '--images', '400', '--chains', '2', '--warmup', '5', '--kernel', 'wasm'];
    const out = scratch.join('short');
    await succeed(['serial', ...data, '--until', 'ess=100000', '--max-draws', '25', '--out', out]);
    assert.match(
      (await openRun(out)).reason ?? '',
      /^all 25 draws are there; ess=100000 not met at 25 draws a chain/,
    );
  });

  test('is refused where it is malformed, or beside what it replaces', async () => {
    const cases = [
      [['--until', 'rhat=2,size=3'], /'size=3' must be one of rhat=, ess=, mixed=/],
      [['--until', 'ess=9', '--draws', '30'], /'--until <rule>' cannot be used with option '--draws <M>'/],
      [['--max-draws', '30'], /--max-draws needs --until/],
    ] as const;
    for (const [flags, message] of cases) {
      const { code, stderr } = await cli(['run', 'mnist56', ...flags]);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1);
    }
  });
});
