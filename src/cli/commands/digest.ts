/** `bitgibbs digest`: one SHA-256 over all draws of a run. */
import { digestOf } from '../../store/digest.js';
import { openRun } from '../../store/read-run.js';

/** @throws InputError when the folder holds no run */
export async function digest(folder: string): Promise<void> {
  const reader = await openRun(folder);
  const { features, classes, chains } = reader.manifest.settings;
  process.stdout.write(`${await digestOf(reader, { features, classes, chains })}\n`);
}
