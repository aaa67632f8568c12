/**
 * Typed views of a shared memory that may have grown, here or in another thread. To ask a shared memory for its buffer is
 * slow; one that was asked for before stays valid when the memory grows, it only ends earlier.
 */

export class Views {
  #buffer: ArrayBufferLike;
  #words: Uint32Array;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.#buffer = memory.buffer;
    this.#words = new Uint32Array(this.#buffer);
  }

  u8(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#reaching(at + length), at, length);
  }

  u16(at: number, length: number): Uint16Array {
    return new Uint16Array(this.#reaching(at + 2 * length), at, length);
  }

  i32(at: number, length: number): Int32Array {
    return new Int32Array(this.#reaching(at + 4 * length), at, length);
  }

  u32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.#reaching(at + 4 * length), at, length);
  }

  f32(at: number, length: number): Float32Array {
    return new Float32Array(this.#reaching(at + 4 * length), at, length);
  }

  f64(at: number, length: number): Float64Array {
    return new Float64Array(this.#reaching(at + 8 * length), at, length);
  }

  /** One int32 field as an address. */
  address(at: number): number {
    this.#reaching(at + 4);
    return this.#words[at >>> 2]!;
  }

  /** The buffer, reaching up to `end`. */
  #reaching(end: number): ArrayBufferLike {
    if (end > this.#buffer.byteLength) {
      // Growing by nothing makes this thread see what another one has added.
      this.memory.grow(0);
      this.#buffer = this.memory.buffer;
      this.#words = new Uint32Array(this.#buffer);
    }
    return this.#buffer;
  }
}
