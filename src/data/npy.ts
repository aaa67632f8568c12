/**
 * NPY: the format of numpy.save. The magic number, a version, a header that is a Python dict, then the values.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { InputError } from '../posterior/model.js';
import type { NumberArray } from './number-array.js';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Length of magic number and version. */
const VERSION_END = 8;

type Reader = (view: DataView, at: number, little: boolean) => number;

/** By the type's letter and bytes, as i4. */
const TYPES: Readonly<Record<string, Reader>> = {
  b1: (view, at) => view.getUint8(at),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

export function isNpy(file: Uint8Array): boolean {
  return MAGIC.every((byte, i) => file[i] === byte);
}

interface Header {
  readonly read: Reader;
  readonly bytes: number;
  readonly little: boolean;
  readonly sizes: readonly number[];
  readonly begin: number;
}

function parseHeader(file: Uint8Array, view: DataView, name: string): Header {
  const wide = (file[6] ?? 1) >= 2;
  const lengthEnd = VERSION_END + (wide ? 4 : 2);
  if (file.length < lengthEnd) throw new InputError(`${name}: truncated, it ends in the NPY header`);
  const length = wide ? view.getUint32(VERSION_END, true) : view.getUint16(VERSION_END, true);
  const begin = lengthEnd + length;
  if (file.length < begin) throw new InputError(`${name}: truncated, it ends in the NPY header`);
  const text = Buffer.from(file.subarray(lengthEnd, begin)).toString('latin1');
  const [, order, type] = /'descr':\s*'([<>|=])([a-zA-Z]\d+)'/.exec(text) ?? [];
  const [, fortran] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, shape] = /'shape':\s*\(([\d,\s]*)\)/.exec(text) ?? [];
  if (fortran === undefined || shape === undefined)
    throw new InputError(`${name}: the NPY header can't be read`);
  const read = type === undefined ? undefined : TYPES[type];
  if (!read) {
    const known = Object.keys(TYPES).join(', ');
    throw new InputError(`${name}: the array's type must be one of ${known}, got ${type ?? 'another kind'}`);
  }
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (fortran === 'True' && sizes.length > 1)
    throw new InputError(`${name}: is in Fortran order, save it with numpy.ascontiguousarray`);
  return { read, bytes: Number(type!.slice(1)), little: order !== '>', sizes, begin };
}

/** @throws InputError when the file is no NPY file of numbers in C order, or has another length than its header says */
export function parseNpy(file: Uint8Array, name: string): NumberArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { read, bytes, little, sizes, begin } = parseHeader(file, view, name);
  const count = sizes.reduce((product, size) => product * size, 1);
  const there = file.length - begin;
  if (there !== count * bytes) {
    const verdict = there < count * bytes ? 'truncated' : 'too long';
    throw new InputError(`${name}: ${verdict}, ${sizes.join(' x ')} values take ${count * bytes} bytes, ${there} follow`);
  }
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, begin + i * bytes, little);
  return { sizes, values };
}
