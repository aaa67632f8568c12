/**
 * Dense float32 products by native TensorFlow, through the raw binding: an op costs 7 us there and 30 us through the
 * package's own interface, and a block of flips takes dozens of them.
 *
 * Products of integers are exact while every partial sum stays below 2^24; callers see to that.
 */
import type { Binding, OpAttribute, TensorFlow } from './load.js';

/** A matrix that the native library holds until it is freed. */
export type Matrix = number & { readonly matrix: unique symbol };

export class NativeOps {
  readonly #binding: Binding;
  readonly #type: OpAttribute;
  readonly #plain: readonly OpAttribute[];
  readonly #transposed: readonly OpAttribute[];

  constructor(tf: TensorFlow) {
    const binding = tf.backend().binding;
    const flag = (name: string, value: boolean) => ({ name, type: binding.TF_ATTR_BOOL, value });
    this.#binding = binding;
    this.#type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    this.#plain = [flag('transpose_a', false), flag('transpose_b', false), this.#type];
    this.#transposed = [flag('transpose_a', true), flag('transpose_b', false), this.#type];
  }

  /**
   * A matrix of these values, row by row. Values that begin at a multiple of 64 bytes may be used where they lie, others
   * are copied: so they must stay as they are until the matrix is freed, and then all is right either way.
   */
  matrix(values: Float32Array, rows: number, columns: number): Matrix {
    return this.#binding.createTensor([rows, columns], this.#binding.TF_FLOAT, values) as Matrix;
  }

  /** a b, of shapes [m, n] and [n, p]. */
  product(a: Matrix, b: Matrix): Matrix {
    return this.#run('MatMul', this.#plain, [a, b]);
  }

  /** a^T b, of shapes [n, m] and [n, p]. */
  productOfTransposed(a: Matrix, b: Matrix): Matrix {
    return this.#run('MatMul', this.#transposed, [a, b]);
  }

  /** Sum of matrices of one shape. */
  sum(terms: readonly Matrix[]): Matrix {
    const count = { name: 'N', type: this.#binding.TF_ATTR_INT, value: terms.length };
    return this.#run('AddN', [count, this.#type], terms);
  }

  /** A copy of a matrix's values, row by row; the matrix is freed. */
  take(matrix: Matrix): Float32Array {
    try {
      return this.#binding.tensorDataSync(matrix) as Float32Array;
    } finally {
      this.free(matrix);
    }
  }

  free(matrix: Matrix): void {
    this.#binding.deleteTensor(matrix);
  }

  /** Matrices that this thread holds, those of other users of the library too. */
  get held(): number {
    return this.#binding.getNumOfTensors();
  }

  #run(name: string, attributes: readonly OpAttribute[], inputs: readonly Matrix[]): Matrix {
    return this.#binding.executeOp(name, attributes, inputs, 1)[0]!.id as Matrix;
  }
}
