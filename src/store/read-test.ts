/** Held-out rows that a run keeps, because no data set has them under its name. */
import { join } from 'node:path';
import { packRows, type Rows } from '../posterior/rows.js';
import { chunkName } from './arrays.js';
import { readChunk } from './chunk-file.js';
import type { RunManifest } from './manifest.js';

/** Nothing where the run keeps none. @throws InputError naming the file when it is missing or damaged */
export async function readTest(run: string, manifest: RunManifest): Promise<Rows | undefined> {
  const { testRows: count, settings } = manifest;
  if (count === undefined) return undefined;
  const { features } = settings;
  const read = (name: string, place: readonly number[], bytes: number): Promise<Uint8Array> =>
    readChunk(join(run, 'constant_data', name, chunkName(place)), bytes);
  const weights = await read('test_weight', [0], 4 * count);
  const view = new DataView(weights.buffer, weights.byteOffset, weights.byteLength);
  return packRows(
    await read('test_x', [0, 0], count * features),
    features,
    await read('test_y', [0], count),
    Uint32Array.from({ length: count }, (_, n) => view.getUint32(4 * n, true)),
  );
}
