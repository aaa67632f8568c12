/** Files that are read again. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WatchedFiles } from '../../../src/wire/security/watched-files.js';

test('a file that is being written is not used before it is whole', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, 'first');
  const seen: string[] = [];
  const files = new WatchedFiles<string>({
    files: [{ what: 'file', path }],
    parse: ([bytes]) => {
      seen.push(bytes!.toString());
      return seen.at(-1)!;
    },
    intervalMs: 40,
    log: () => undefined,
  });
  t.after(() => files.close());
  let text = '';
  for (let part = 0; part < 100; part++) {
    writeFileSync(path, (text += 'x'));
    await sleep(4);
  }
  assert.deepEqual(seen, ['first']);
  while (files.value !== text) await sleep(10);
  assert.deepEqual(seen, ['first', text]);
});
