/** Disks that fail, as the command line tells of them: one line, and a run that can go on where that helps. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { cli, scratchFolder, start, succeed } from '../e2e/support/cli.js';

const folder = scratchFolder('disk');
after(() => folder.remove());

const toy = ['mnist56', '--images', '300', '--chains', '2', '--warmup', '20', '--draws', '40'];

async function digest(out: string): Promise<string> {
  return (await succeed(['digest', out])).trim();
}

async function oneLine(args: readonly string[], message: RegExp): Promise<void> {
  const { code, stderr } = await cli(args);
  assert.match(stderr, message);
  assert.match(stderr, /^bitgibbs: [^\n]+\n$/);
  assert.equal(code, 1);
}

test('a full disk ends the run with a line; with room again it goes on to the same draws', async () => {
  const out = folder.join('full');
  const args = ['coordinator', ...toy, '--out', out];
  const running = start([...args, '--listen', '127.0.0.1:0']);
  const address = (await running.said(/serving workers and clients at (\S+)/))[1]!;
  // Nothing has been written yet but the set-up. The journal's first segment will find no room.
  const segment = `${out}/.bitgibbs/journal-00000001`;
  symlinkSync('/dev/full', segment);
  const worker = start(['worker', '--coordinator', address, '--kernel', 'wasm']);
  const { code, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^bitgibbs: cannot write .*journal-00000001: the disk is full; .*\(ENOSPC\); go on with: .* --resume$/m,
  );
  rmSync(segment);

  const again = start([...args, '--resume', '--listen', address]);
  assert.equal((await again.ended).code, 0);
  // The same worker: it was not told that the run is over.
  assert.equal((await worker.ended).code, 0);
  await succeed(['serial', ...toy, '--out', folder.join('serial')]);
  assert.equal(await digest(out), await digest(folder.join('serial')));
});

test('a damaged chunk is named by whoever reads it', async () => {
  const out = folder.join('damaged');
  await succeed(['serial', ...toy, '--out', out]);
  const chunk = `${out}/posterior/w/c.0.0.0.0`;
  const whole = readFileSync(chunk);
  const longer = ['run', ...toy, '--draws', '50', '--out', out, '--resume'];
  const damage: [string, () => void, RegExp][] = [
    [
      'changed',
      () =>
        writeFileSync(
          chunk,
          whole.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
        ),
      /wrong checksum/,
    ],
    ['cut off', () => truncateSync(chunk, 100), /wrong checksum|cut off/],
    ['gone', () => rmSync(chunk), /the chunk is missing/],
  ];
  for (const [name, spoil, message] of damage) {
    spoil();
    for (const args of [['digest', out], longer]) {
      await oneLine(args, new RegExp(`c\\.0\\.0\\.0\\.0 is damaged \\((${message.source})\\)`));
    }
    writeFileSync(chunk, whole);
    assert.equal((await digest(out)).length, 64, name);
  }
});

test('a folder that can not be made', async () => {
  await oneLine(
    ['serial', ...toy, '--out', '/dev/null/run'],
    /\/dev\/null\/run: part of its path is not a folder \(ENOTDIR\)/,
  );
  await oneLine(
    ['serial', ...toy, '--out', '/sys/run'],
    /cannot make \/sys\/run: (permission denied|the disk is read-only)/,
  );
});
