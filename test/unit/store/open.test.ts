import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { packRows } from '../../../src/posterior/rows.js';
import { digestOf } from '../../../src/store/digest.js';
import { createRun, resumeRun } from '../../../src/store/open.js';
import { openRun } from '../../../src/store/read-run.js';
import type { ToyOptions } from './toy-run.js';
import { appendUpTo, digestUpTo, PlainDisk, shapeOf, toySpec, withFolder } from './toy-run.js';

const SPEC = toySpec();
const plain = (folder: string) => ({ disk: new PlainDisk(folder) });

async function stoppedRun(folder: string): Promise<void> {
  const store = await createRun(folder, SPEC, plain(folder));
  appendUpTo(store, SPEC, 10);
  await store.close('stopped');
}

const refusal = (message: RegExp) => ({ name: 'InputError', message });

describe('going on with a run', () => {
  const other: readonly (readonly [string, RegExp, ToyOptions])[] = [
    ['data set', /data set \(SHA-256 of the rows\) is abababababab…, not cdcdcdcdcdcd…$/, dataWith('cd')],
    ['threshold', /threshold is 33, not 40$/, dataWith('ab', { threshold: 40 })],
    [
      'images',
      /images is 5, not 4$/,
      dataWith('ab', { rows: packRows(new Uint8Array(48), 12, [0, 1, 2, 0]) }),
    ],
    [
      'classes',
      /classes \(their names\) is \["0","1","2"\], not \["3","4","5"\]$/,
      dataWith('ab', { classNames: ['3', '4', '5'] }),
    ],
    ['features', /features is 12, not 13$/, { model: { features: 13 } }],
    [
      'grid',
      /feature grid is \{"rows":1,"columns":12\}, not \{"rows":3,"columns":4\}$/,
      { model: { grid: { rows: 3, columns: 4 } } },
    ],
    ['pinned class', /pinned class is false, not true$/, { model: { pinned: true } }],
    ['prior', /prior \(SHA-256 of the log-odds\) is /, { model: { pi: 0.4 } }],
    [
      'moves',
      /moves is \{"rows":true,"swaps":true\}, not \{"rows":true,"swaps":false\}$/,
      { spec: { moves: { rows: true, swaps: false } } },
    ],
    ['seed', /seed is 7, not 8$/, { spec: { seed: 8 } }],
    ['chains', /chains is 3, not 4$/, { plan: { chains: 4 } }],
    ['thin', /thin is 2, not 3$/, { plan: { thin: 3 } }],
    [
      'warm-up',
      /warm-up .* is 3 sweeps from beta 0.1221, not 2 sweeps from beta 0.1526$/,
      { plan: { warmupBetasQ: Int32Array.of(10000, 65536) } },
    ],
    [
      'saving of the warm-up',
      /saving of the warm-up \(--save-warmup\) is off, not on$/,
      { plan: { saveWarmup: true } },
    ],
    ['draws', /its draws are 40 and may grow, not shrink to 39$/, { plan: { draws: 39 } }],
  ];

  function dataWith(sha: string, rest: Partial<typeof SPEC.data> = {}): ToyOptions {
    return { spec: { data: { ...SPEC.data, sha256: sha.repeat(32), ...rest } } };
  }

  for (const [what, message, options] of other) {
    it(`is refused when the ${what} differs, and nothing is written`, () =>
      withFolder(async (folder) => {
        await stoppedRun(folder);
        const before = await readFile(join(folder, 'bitgibbs.json'));
        await assert.rejects(resumeRun(folder, toySpec(options)), refusal(message));
        assert.deepEqual(await readFile(join(folder, 'bitgibbs.json')), before);
        assert.deepEqual(await readdir(join(folder, '.bitgibbs')), ['scratch']);
      }));
  }

  it('is refused when another version of the random stream made it', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      const path = join(folder, 'bitgibbs.json');
      const { sealedJson, unsealJson } = await import('../../../src/store/files.js');
      const manifest = unsealJson(await readFile(path), path) as { settings: object };
      await writeFile(path, sealedJson({ ...manifest, settings: { ...manifest.settings, stream: 0 } }));
      await assert.rejects(resumeRun(folder, SPEC), refusal(/random stream version is 0, not \d+$/));
      await writeFile(path, sealedJson({ ...manifest, format: 99 }));
      await assert.rejects(resumeRun(folder, SPEC), refusal(/format 99, this bitgibbs reads format 1/));
      await assert.rejects(openRun(folder), refusal(/format 99/));
    }));

  it('takes more draws, and other versions of the program', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      const longer = toySpec({ plan: { draws: 60 }, spec: { versions: { package: '9.9.9', protocol: 9 } } });
      const store = await resumeRun(folder, longer, plain(folder));
      appendUpTo(store, longer, 60);
      await store.close('finished');
      const reader = await openRun(folder);
      assert.equal(reader.manifest.draws, 60);
      assert.equal(await digestOf(reader, shapeOf(SPEC)), digestUpTo(SPEC, 60));
    }));

  it('is refused where there is no run', () =>
    withFolder(async (folder) => {
      await assert.rejects(resumeRun(folder, SPEC), refusal(/holds no run \(no bitgibbs.json\)/));
      await assert.rejects(openRun(folder), refusal(/holds no run/));
    }));
});

describe('beginning a run', () => {
  it('is refused where there is one, unless forced', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      await assert.rejects(
        createRun(folder, SPEC),
        refusal(/holds a run: go on with --resume, replace it with --force/),
      );
      assert.equal((await openRun(folder)).horizon, 10);
      const store = await createRun(folder, SPEC, { force: true, ...plain(folder) });
      await store.close('stopped');
      assert.equal((await openRun(folder)).horizon, 0);
    }));

  it('is refused in a folder with anything else in it, also when forced', () =>
    withFolder(async (folder) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'thesis.tex'), 'years of work');
      for (const force of [false, true]) {
        await assert.rejects(
          createRun(folder, SPEC, { force }),
          refusal(/\(thesis.tex\): take another --out/),
        );
      }
      await assert.rejects(createRun(join(folder, 'thesis.tex'), SPEC), refusal(/not a folder \(ENOTDIR\)/));
      assert.deepEqual(await readdir(folder), ['thesis.tex']);
    }));

  it('is refused beside files that were put into a run, also when forced', () =>
    withFolder(async (folder) => {
      await stoppedRun(folder);
      await writeFile(join(folder, 'notes.txt'), 'mine');
      await assert.rejects(createRun(folder, SPEC, { force: true }), refusal(/\(notes.txt\)/));
      assert.equal((await openRun(folder)).horizon, 10);
    }));

  it('takes an empty folder', () =>
    withFolder(async (folder) => {
      await mkdir(folder, { recursive: true });
      await (await createRun(folder, SPEC, plain(folder))).close('stopped');
      assert.deepEqual(await readdir(dirname(folder)), ['run']);
    }));
});

describe('a run that another writer holds', () => {
  it('is refused, as long as the other goes on', () =>
    withFolder(async (folder) => {
      const store = await createRun(folder, SPEC, plain(folder));
      const held = refusal(/is being written by process \d+ on \S+; stop it first or take another --out$/);
      await assert.rejects(resumeRun(folder, SPEC, plain(folder)), held);
      await assert.rejects(createRun(folder, SPEC, { force: true, ...plain(folder) }), held);
      assert.equal((await openRun(folder)).horizon, 0);
      await store.close('stopped');
      await (await resumeRun(folder, SPEC, plain(folder))).close('stopped');
    }));
});
