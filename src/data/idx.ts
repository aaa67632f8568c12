/** IDX: the format of the MNIST files. Four bytes 0, 0, type, dimensions; big-endian sizes; then the values. */
import { InputError } from '../posterior/model.js';

export interface IdxBytes {
  /** Size of each dimension. */
  readonly sizes: readonly number[];
  /** Values in row-major order, a view of the file's bytes. */
  readonly values: Uint8Array;
}

const UNSIGNED_BYTES = 0x08;

/**
 * Reads an IDX file of unsigned bytes.
 * @param name the file's name for error messages
 * @throws InputError on another magic number, or when the length is not what the header says
 */
export function parseIdx(file: Uint8Array, dimensions: number, name: string): IdxBytes {
  const headerBytes = 4 + 4 * dimensions;
  if (file.length < headerBytes) {
    throw new InputError(`${name}: truncated, ${file.length} bytes are too few for an IDX header`);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0);
  const wanted = UNSIGNED_BYTES * 256 + dimensions;
  if (magic !== wanted) {
    throw new InputError(`${name}: magic number is ${hex(magic)}, must be ${hex(wanted)} (an IDX file of bytes)`);
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const length = sizes.reduce((product, size) => product * size, 1);
  const values = file.subarray(headerBytes);
  if (values.length !== length) {
    const verdict = values.length < length ? 'truncated' : 'too long';
    throw new InputError(`${name}: ${verdict}, the header says ${sizes.join(' x ')} bytes, ${values.length} follow`);
  }
  return { sizes, values };
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, '0')}`;
}
