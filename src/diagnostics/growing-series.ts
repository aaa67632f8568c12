/** Numbers that arrive one by one. */
export class GrowingSeries {
  #values = new Float64Array(64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  /** A view, good until the next push. */
  first(count: number): Float64Array {
    return this.#values.subarray(0, count);
  }
}
