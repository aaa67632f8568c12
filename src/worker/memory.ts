/** How much memory a worker takes unless told. */
import { totalmem } from 'node:os';

/** Shared WebAssembly memory ends at 4 GiB; a part of it is the kernel's own. */
const MOST_BYTES = 3.75 * 2 ** 30;
const SHARE = 0.6;

/**
 * A part of the machine's memory, or of the container's where it has a limit.
 * @param sharers workers that share it
 */
export function defaultMemoryBytes(sharers = 1): number {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  return Math.floor(Math.min(MOST_BYTES, (SHARE * total) / sharers));
}
