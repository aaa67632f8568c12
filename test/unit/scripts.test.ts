import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const script = (name: string) => path.join(root, 'scripts', 'lib', name);
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'bitgibbs-scripts-'));
after(() => fs.rmSync(temp, { recursive: true }));

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
const { countLines, closingLine } = (await import(pathToFileURL(script('suites.mjs')).href)) as {
  countLines(text: string): Counts;
  closingLine(counts: Counts): string;
};

describe('the count of a test run', () => {
  const file = path.join(temp, 'some.test.mjs');
  fs.writeFileSync(
    file,
    `import { describe, test } from 'node:test';
     test('one', () => {});
     test('two', async (t) => { await t.test('inner', () => {}); });
     describe('group', () => {
       test('three', () => { throw new Error('wrong'); });
       test('four', { skip: 'not here' }, () => {});
     });`,
  );
  const counts = (...options: string[]) => {
    const reporter = [
      `--test-reporter=${script('count-reporter.mjs')}`,
      '--test-reporter-destination=stdout',
    ];
    // Without this variable's value the inner run believes itself part of the outer one.
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    const run = spawnSync(process.execPath, ['--test', ...reporter, ...options, file], {
      env,
      encoding: 'utf8',
    });
    return countLines(run.stdout);
  };

  test('has each test, failed ones too, and no groups', () => {
    assert.deepEqual(counts(), { passed: 3, failed: 1, skipped: 1 });
  });

  test('has no tests that a name pattern leaves out', () => {
    const { passed, failed } = counts('--test-name-pattern=one');
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 0 });
  });

  test('ends in a line of one form', () => {
    assert.equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
    assert.equal(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped');
  });
});

describe('the set-up lock', () => {
  const holder = path.join(temp, 'holder.mjs');
  const lock = path.join(temp, 'lock');
  const journal = path.join(temp, 'journal');
  fs.writeFileSync(
    holder,
    `import fs from 'node:fs';
     import { withLock } from ${JSON.stringify(pathToFileURL(script('lock.mjs')).href)};
     const [, , lock, journal] = process.argv;
     await withLock(lock, async () => {
       fs.appendFileSync(journal, 'in\\n');
       await new Promise((resolve) => setTimeout(resolve, 100));
       fs.appendFileSync(journal, 'out\\n');
     });`,
  );
  const hold = () =>
    new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, [holder, lock, journal], { stdio: 'ignore' });
      child.on('close', resolve);
    });

  test('lets one process in at a time, after an owner that died too', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    fs.writeFileSync(lock, JSON.stringify({ pid: gone, host: os.hostname() }));
    assert.deepEqual(await Promise.all([hold(), hold(), hold(), hold()]), [0, 0, 0, 0]);
    assert.equal(fs.readFileSync(journal, 'utf8'), 'in\nout\n'.repeat(4));
    assert.equal(fs.existsSync(lock), false);
  });
});
