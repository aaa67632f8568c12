/** The model of a run on disk: what its draws are computed with again. */
import { join } from 'node:path';
import { NAT_Q } from '../posterior/grid.js';
import type { Model } from '../posterior/model.js';
import { chunkName } from './arrays.js';
import { readChunk } from './chunk-file.js';
import type { RunManifest } from './manifest.js';

/** @throws InputError naming the file when it is missing or damaged */
export async function readModel(run: string, manifest: RunManifest): Promise<Model> {
  const { features, classes, pinned, grid } = manifest.settings;
  const read = (name: string, place: readonly number[], bytes: number): Promise<Uint8Array> =>
    readChunk(join(run, 'constant_data', name, chunkName(place)), bytes);
  const odds = await read('prior_log_odds', [0, 0], 8 * features * classes);
  const priorQ = new Int32Array(features * classes);
  const view = new DataView(odds.buffer, odds.byteOffset, odds.byteLength);
  for (let i = 0; i < priorQ.length; i++) priorQ[i] = Math.round(NAT_Q * view.getFloat64(8 * i, true));
  return { features, classes, pinned, grid, priorQ, lit: await read('lit', [0], features) };
}
