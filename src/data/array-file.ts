/** Files that hold whole arrays: NPY and IDX, gzipped or not, and NPZ, which holds several NPY files. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { InputError } from '../posterior/model.js';
import { parseIdx } from './idx.js';
import { isNpy, parseNpy } from './npy.js';
import type { NumberArray } from './number-array.js';
import { shown } from './shown.js';

const ARRAY_ENDING = /(\.npy|\.idx|[.-]idx\d[.-]?ubyte|-ubyte)(\.gz)?$/i;
const ZIP_ENDING = /\.npz$/i;

/** Whether a file's name says that it holds one array. */
export function isArrayFile(path: string): boolean {
  return ARRAY_ENDING.test(path);
}

/** Whether a file's name says that it holds several named arrays. */
export function isNpz(path: string): boolean {
  return ZIP_ENDING.test(path);
}

function readBytes(path: string): Uint8Array {
  let file: Uint8Array;
  try {
    file = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InputError(`${path}: no such file`);
    throw new InputError(`${path}: can't be read (${code})`);
  }
  if (!/\.gz$/i.test(path)) return file;
  try {
    return gunzipSync(file);
  } catch (error) {
    throw new InputError(`${path}: is not a whole gzip file (${(error as Error).message})`);
  }
}

/** @throws InputError naming the file */
export function readArray(path: string): NumberArray {
  const file = readBytes(path);
  if (isNpy(file)) return parseNpy(file, path);
  if (/\.npy(\.gz)?$/i.test(path)) throw new InputError(`${path}: is no NPY file, it must begin with \\x93NUMPY`);
  // The fourth byte of an IDX file is its number of dimensions.
  const dimensions = file[3] ?? 0;
  if (dimensions < 1 || dimensions > 4)
    throw new InputError(`${path}: is no IDX file, it must have 1 to 4 dimensions`);
  return parseIdx(file, dimensions, path);
}

/** The arrays of an NPZ file by name. @throws InputError naming the file */
export function readNpz(path: string): ReadonlyMap<string, NumberArray> {
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(readBytes(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: is no whole NPZ file (${(error as Error).message})`);
  }
  const arrays = new Map<string, NumberArray>();
  for (const [entry, bytes] of Object.entries(entries)) {
    const name = entry.replace(/\.npy$/, '');
    if (!isNpy(bytes)) throw new InputError(`${path}: ${shown(entry)} is no NPY array`);
    arrays.set(name, parseNpy(bytes, `${path}: ${shown(name)}`));
  }
  return arrays;
}
