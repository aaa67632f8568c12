// The user's cache folder, where native TensorFlow is kept for other clones and later set-ups.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, atExit, inRoot } from './util.mjs';

const DAY_MS = 86_400_000;

/** A writable folder for the copy that later clones share. */
export function cacheFolder() {
  const home = os.homedir();
  const choices = [
    process.env.BITGIBBS_CACHE,
    process.env.XDG_CACHE_HOME && path.join(process.env.XDG_CACHE_HOME, 'bitgibbs'),
    home && fs.existsSync(home) && path.join(home, '.cache', 'bitgibbs'),
    inRoot('node_modules', '.cache', 'bitgibbs'),
  ];
  for (const folder of choices.filter(Boolean)) {
    try {
      fs.mkdirSync(folder, { recursive: true });
      fs.accessSync(folder, fs.constants.W_OK);
      return path.resolve(folder);
    } catch {
      // try the next one
    }
  }
  throw new Failure('no folder can be written for the cache; set BITGIBBS_CACHE to one');
}

/** Runs work with a temporary folder inside the cache. */
export async function withTemp(cache, work) {
  for (const name of fs.readdirSync(cache).filter((entry) => entry.startsWith('tmp-'))) {
    const left = path.join(cache, name); // by a set-up that was killed
    if (Date.now() - fs.statSync(left).mtimeMs > DAY_MS) fs.rmSync(left, { recursive: true, force: true });
  }
  const temp = fs.mkdtempSync(path.join(cache, 'tmp-'));
  const remove = () => fs.rmSync(temp, { recursive: true, force: true });
  const forget = atExit(remove);
  try {
    return await work(temp);
  } finally {
    forget();
    remove();
  }
}

/**
 * Renames a complete folder into the cache; the set-up of another clone may have been first.
 * @param isThere tells whether that one left a whole folder
 */
export function keep(stage, entry, isThere = fs.existsSync) {
  try {
    fs.renameSync(stage, entry);
  } catch (error) {
    if (!isThere(entry)) throw error;
  }
}

/** True for a folder that keep() made. */
export const complete = (entry) =>
  fs.existsSync(path.join(entry, 'lib')) && fs.existsSync(path.join(entry, 'deps'));

/** Copies a tree, by hard links where the file system has them. */
export function linkTree(from, to) {
  const stat = fs.lstatSync(from);
  if (stat.isDirectory()) {
    fs.mkdirSync(to, { recursive: true });
    for (const name of fs.readdirSync(from)) linkTree(path.join(from, name), path.join(to, name));
  } else if (stat.isSymbolicLink()) {
    fs.symlinkSync(fs.readlinkSync(from), to);
  } else {
    try {
      fs.linkSync(from, to);
    } catch {
      fs.copyFileSync(from, to);
    }
  }
}
