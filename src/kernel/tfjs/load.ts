/**
 * The one place that loads @tensorflow/tfjs-node, an optional package. Its types are spelled out here, so that the
 * project compiles without it.
 *
 * A process's main thread must load it before any worker thread does: only there do the environment variables reach
 * the native library, and loading in a worker first was seen to crash at exit.
 */
import { createRequire } from 'node:module';
import util from 'node:util';

export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** A tensor of the package's own interface. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): TypedArray;
  dispose(): void;
}

/** A tensor that the native library holds under an id, outside the package's bookkeeping. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An attribute of a native op; `type` is one of the binding's TF_ATTR numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** The native addon: ops by name on tensor ids, which the caller must delete. */
export interface Binding {
  createTensor(shape: readonly number[], dtype: number, values: TypedArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedArray;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[];
  getNumOfTensors(): number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_UINT8: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
}

/** What is used of the package. */
export interface TensorFlow {
  tensor2d(values: TypedArray, shape: readonly [number, number], dtype?: 'float32' | 'int32'): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  tidy<T>(work: () => T): T;
  dispose(tensors: Tensor | readonly Tensor[]): void;
  memory(): { readonly numTensors: number; readonly numBytes: number };
  getBackend(): string;
  backend(): { readonly binding: Binding };
}

export type Loaded =
  | { readonly tf: TensorFlow; readonly why: null }
  /** `why`: one line that says what is missing. */
  | { readonly tf: null; readonly why: string };

let loaded: Loaded | null = null;

/** Native TensorFlow, or the reason why there is none. Prints nothing; a second call costs nothing. */
export function loadTensorFlow(): Loaded {
  return (loaded ??= load());
}

function load(): Loaded {
  if (!['', '0'].includes(process.env['BITGIBBS_NO_TFJS'] ?? '')) {
    return { tf: null, why: 'BITGIBBS_NO_TFJS is set' };
  }
  // One thread an op: kernels run on the calling thread, one a core, and don't share a pool.
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // The package calls this for almost every op; Node 22 warns of it and Node 23 dropped it.
  (util as { isNullOrUndefined?: unknown }).isNullOrUndefined = (value: unknown) =>
    value === null || value === undefined;
  return quietly(() => {
    try {
      const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as TensorFlow;
      const backend = tf.getBackend();
      return backend === 'tensorflow' ? { tf, why: null } : { tf: null, why: `its backend is ${backend}` };
    } catch (error) {
      return { tf: null, why: reason(error) };
    }
  });
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND') return '@tensorflow/tfjs-node is not installed';
  return `its native library does not load (npm run setup installs it): ${message.split('\n')[0]?.trim()}`;
}

/** Keeps Node from printing the deprecation warnings of the package's own dependencies. */
function quietly<T>(work: () => T): T {
  const before = process.noDeprecation;
  process.noDeprecation = true;
  try {
    return work();
  } finally {
    process.noDeprecation = before;
  }
}
