// Native TensorFlow for @tensorflow/tfjs-node, whose own installer downloads from a host that often refuses.
//
// In this order: it loads already; a copy in the user's cache; on Linux with glibc the C library out of TensorFlow's
// Python wheel (wheel.mjs) and the addon compiled from the package's own sources (addon.mjs); last, and elsewhere
// first, the package's own installer (both from its usual host), given up as soon as it stops moving.
import fs from 'node:fs';
import path from 'node:path';
import { compileAddon } from './addon.mjs';
import { cacheFolder, complete, keep, linkTree, withTemp } from './cache.mjs';
import { packagesKey } from './dependencies.mjs';
import { Failure, filesUnder, inRoot, lastLines, readJson, run, say, which, writeFile } from './util.mjs';
import { downloadWheel, hasWheel, unpackWheel } from './wheel.mjs';

const NEED_FREE_MB = 1300; // for a moment; 415 MB stay
const QUIET_LIMIT_S = 20; // the package's own installer, without a byte
const packageFolder = inRoot('node_modules', '@tensorflow', 'tfjs-node');
const stamp = inRoot('node_modules', '.bitgibbs', 'tensorflow.json');
const key = () => `${packagesKey()} ${process.version}`;

/** What the last set-up found: {ok, what, why}, or null when it must be looked at afresh. */
export function tensorflowState() {
  const state = readJson(stamp);
  return state?.key === key() && (!state.ok || fs.existsSync(path.join(packageFolder, 'deps')))
    ? state
    : null;
}

/** Makes TensorFlow loadable if it can be had; returns {ok, what, why} and never throws for a lack of it. */
export async function installTensorFlow() {
  const state = await tryAll().catch((error) => {
    if (error instanceof Failure || error.code) return { ok: false, why: error.message };
    throw error;
  });
  writeFile(stamp, JSON.stringify({ key: key(), ...state }));
  if (state.ok) say(`native TensorFlow is ready: ${state.what}`);
  return state;
}

async function tryAll() {
  if (!fs.existsSync(packageFolder))
    return { ok: false, why: 'npm did not install the optional package @tensorflow/tfjs-node' };
  let state = await smoke();
  if (state.ok) return state;
  const cache = cacheFolder();
  const { version } = readJson(path.join(packageFolder, 'package.json'));
  const entry = path.join(cache, `tfjs-node-${version}-${process.platform}-${process.arch}`);
  if (complete(entry)) {
    say('native TensorFlow: taking it from the cache');
    place(entry);
    state = await smoke();
    if (state.ok) return state;
    say('  the cached copy does not load; it is made anew');
    fs.rmSync(entry, { recursive: true, force: true });
  }
  const reasons = [];
  for (const way of hasWheel() ? [fromWheel, fromOwnInstaller] : [fromOwnInstaller]) {
    try {
      await way(cache, entry);
      state = await smoke();
      if (state.ok) return state;
      reasons.push(`it is in place but does not load:\n${state.why}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      reasons.push(error.message);
    }
    say(`  that did not work: ${reasons.at(-1).split('\n')[0]}`);
  }
  return { ok: false, why: reasons.join('\n  and: ') };
}

/** A first matrix product in a process of its own: a broken library can end the process that loads it. */
async function smoke() {
  if (!fs.existsSync(path.join(packageFolder, 'lib'))) return { ok: false, why: 'not there yet' };
  const code = `
    require('node:util').isNullOrUndefined ??= (v) => v === null || v === undefined; // gone since Node 23
    const tf = require('@tensorflow/tfjs-node');
    const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    if (tf.getBackend() !== 'tensorflow') throw new Error('backend is ' + tf.getBackend());
    if (String(a.matMul(a).arraySync()) !== '7,10,15,22') throw new Error('wrong product');
    console.log('SMOKE-OK ' + tf.backend().binding.TF_Version);`;
  const result = await run(process.execPath, ['--no-warnings', '-e', code], {
    env: { TF_CPP_MIN_LOG_LEVEL: '2', NODE_OPTIONS: '' },
    watch: (seconds) => (seconds > 120 ? 'not done after 120 s' : ''),
  });
  const version = /SMOKE-OK (.*)/.exec(result.out)?.[1];
  if (version && result.ok) return { ok: true, what: `TensorFlow ${version}` };
  return { ok: false, why: lastLines(result.out, 8) || result.reason || `exit ${result.code}` };
}

async function fromWheel(cache, entry) {
  const { bavail, bsize } = fs.statfsSync(cache);
  const freeMB = Math.floor((Number(bavail) * Number(bsize)) / 1e6);
  if (freeMB < NEED_FREE_MB)
    throw new Failure(
      `${cache} has ${freeMB} MB free; ${NEED_FREE_MB} MB are needed (or set BITGIBBS_CACHE)`,
    );
  await withTemp(cache, async (temp) => {
    const stage = path.join(temp, 'stage');
    const library = path.join(stage, 'deps', 'lib');
    const file = await downloadWheel(temp);
    say('unpacking the C library');
    await unpackWheel(file, path.join(stage, 'deps'));
    fs.rmSync(file);
    await compileAddon(packageFolder, stage, temp);
    // Symbol tables are a quarter of the libraries; without strip they stay.
    if (which('strip')) await run('strip', ['--strip-unneeded', ...filesUnder(library)]);
    // The names that the package's own scripts look for, so that a later `npm rebuild` works too.
    for (const name of ['libtensorflow.so', 'libtensorflow.so.2'])
      fs.symlinkSync('libtensorflow_cc.so.2', path.join(library, name));
    fs.symlinkSync('libtensorflow_framework.so.2', path.join(library, 'libtensorflow_framework.so'));
    keep(stage, entry, complete);
  });
  place(entry);
}

async function fromOwnInstaller(cache, entry) {
  say(`trying the package's own installer (given up after ${QUIET_LIMIT_S} s without a byte)`);
  const manifest = path.join(packageFolder, 'package.json');
  const before = fs.readFileSync(manifest); // the installer edits it and restores it only on success
  const folders = ['deps', 'lib', 'build'].map((name) => path.join(packageFolder, name));
  const size = () =>
    folders.flatMap((folder) => filesUnder(folder)).reduce((sum, file) => sum + fs.statSync(file).size, 0);
  let [seen, since] = [size(), 0];
  const bins = [inRoot('node_modules', '.bin'), path.dirname(process.execPath), process.env.PATH].join(
    path.delimiter,
  );
  const result = await run(process.execPath, [path.join('scripts', 'install.js')], {
    cwd: packageFolder,
    env: { PATH: bins },
    watch: (seconds) => {
      const now = size();
      if (now !== seen) [seen, since] = [now, seconds];
      const limit = now > 1e6 ? 120 : QUIET_LIMIT_S; // once the library is there, a compile may be quiet for a while
      return seconds - since > limit ? `no progress for ${limit} s` : '';
    },
  });
  if (result.ok && (await smoke()).ok) {
    await withTemp(cache, async (temp) => {
      for (const name of ['deps', 'lib'])
        linkTree(path.join(packageFolder, name), path.join(temp, 'stage', name));
      keep(path.join(temp, 'stage'), entry, complete);
    });
    return;
  }
  fs.writeFileSync(manifest, before);
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  const why = result.reason || /Error: (.*)/.exec(result.out)?.[1] || `exit ${result.code}`;
  throw new Failure(`the package's own installer failed: ${why}`);
}

/** Puts a cached copy into the package. */
function place(entry) {
  for (const name of ['deps', 'lib']) {
    fs.rmSync(path.join(packageFolder, name), { recursive: true, force: true });
    linkTree(path.join(entry, name), path.join(packageFolder, name));
  }
}
