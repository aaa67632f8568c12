/** A shared memory with an allocator: what the host of a pool writes to. */
import { InputError } from '../../posterior/model.js';
import { Allocator } from './allocator.js';
import { HEAP_AT } from './layout.js';
import { Views } from './views.js';

const PAGE_BYTES = 65536;
/** All that 32-bit addresses reach: 4 GiB. */
const MAX_PAGES = 65536;

type IntegerArray = Uint8Array | Uint16Array | Int16Array | Int32Array | Uint32Array;

export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  readonly views = new Views(this.memory);
  readonly #allocator: Allocator;

  constructor() {
    this.#allocator = new Allocator(HEAP_AT, (end) => this.#grow(end));
    this.#grow(HEAP_AT);
  }

  /** Address of `bytes` bytes of any content, a multiple of 64. @throws InputError when the memory is full */
  allocate(bytes: number): number {
    return this.#allocator.allocate(bytes);
  }

  release(at: number, bytes: number): void {
    this.#allocator.release(at, bytes);
  }

  /** Copies an array to an address. */
  write(at: number, source: IntegerArray): void {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    this.views.u8(at, bytes.length).set(bytes);
  }

  /** Sets one int32 field. */
  set(at: number, value: number): void {
    this.views.i32(at, 1)[0] = value;
  }

  #grow(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing <= 0) return;
    if (Math.ceil(end / PAGE_BYTES) > MAX_PAGES) {
      throw new InputError(
        `the kernel's memory would need ${Math.ceil(end / 2 ** 20)} MiB, one worker has at most 4096: use more workers, fewer chains or more shards`,
      );
    }
    try {
      this.memory.grow(missing);
    } catch {
      throw new InputError(`this machine has no room for ${Math.ceil(end / 2 ** 20)} MiB of kernel memory`);
    }
  }
}
