/** Typed views of a shared memory that may have grown, here or in another thread. */

export class Views {
  constructor(readonly memory: WebAssembly.Memory) {}

  u8(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#buffer(at + length), at, length);
  }

  u16(at: number, length: number): Uint16Array {
    return new Uint16Array(this.#buffer(at + 2 * length), at, length);
  }

  i32(at: number, length: number): Int32Array {
    return new Int32Array(this.#buffer(at + 4 * length), at, length);
  }

  u32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.#buffer(at + 4 * length), at, length);
  }

  f32(at: number, length: number): Float32Array {
    return new Float32Array(this.#buffer(at + 4 * length), at, length);
  }

  f64(at: number, length: number): Float64Array {
    return new Float64Array(this.#buffer(at + 8 * length), at, length);
  }

  /** One int32 field as an address. */
  address(at: number): number {
    return this.u32(at, 1)[0]!;
  }

  #buffer(end: number): ArrayBufferLike {
    // Growing by nothing makes this thread see what another one has added.
    if (end > this.memory.buffer.byteLength) this.memory.grow(0);
    return this.memory.buffer;
  }
}
