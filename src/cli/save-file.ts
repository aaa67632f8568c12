/** Files that a command writes for its user: never over one that is there, unless asked. */
import { writeFile } from 'node:fs/promises';
import { RunError } from './errors.js';

/** @throws RunError when the file is there already or can't be written */
export async function saveFile(path: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new RunError(`${path} is there already: choose another --out, or add --force to replace it`);
    }
    throw new RunError(`cannot write ${path} (${code})`);
  }
}
