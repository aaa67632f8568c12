/** Array files made by hand, as numpy and the MNIST tools write them. */

export interface NpySpec {
  readonly sizes: readonly number[];
  readonly values: readonly number[];
  /** As numpy says it, by default unsigned bytes. */
  readonly type?: '|u1' | '|b1' | '<i8' | '<f4' | '>i4' | '<f8';
  readonly fortran?: boolean;
}

const WRITERS: Readonly<
  Record<NonNullable<NpySpec['type']>, [number, (view: DataView, at: number, v: number) => void]>
> = {
  '|u1': [1, (view, at, v) => view.setUint8(at, v)],
  '|b1': [1, (view, at, v) => view.setUint8(at, v)],
  '<i8': [8, (view, at, v) => view.setBigInt64(at, BigInt(v), true)],
  '<f4': [4, (view, at, v) => view.setFloat32(at, v, true)],
  '>i4': [4, (view, at, v) => view.setInt32(at, v, false)],
  '<f8': [8, (view, at, v) => view.setFloat64(at, v, true)],
};

export function npy({ sizes, values, type = '|u1', fortran = false }: NpySpec): Uint8Array {
  const shape = sizes.length === 1 ? `${sizes[0]},` : sizes.join(', ');
  const dict = `{'descr': '${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }`;
  const header = `${dict.padEnd(118 - 1)}\n`;
  const [bytes, write] = WRITERS[type];
  const file = new Uint8Array(10 + header.length + bytes * values.length);
  const view = new DataView(file.buffer);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, header.length, true);
  file.set(Buffer.from(header, 'latin1'), 10);
  values.forEach((value, i) => write(view, 10 + header.length + i * bytes, value));
  return file;
}

/** An IDX file of unsigned bytes. */
export function idx(sizes: readonly number[], values: readonly number[]): Uint8Array {
  const file = new Uint8Array(4 + 4 * sizes.length + values.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  file.set(values, 4 + 4 * sizes.length);
  return file;
}
