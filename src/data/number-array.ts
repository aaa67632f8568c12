/** An array of numbers as a file holds it. */
export interface NumberArray {
  /** Size of each dimension. */
  readonly sizes: readonly number[];
  /** In row-major order. */
  readonly values: ArrayLike<number>;
}
